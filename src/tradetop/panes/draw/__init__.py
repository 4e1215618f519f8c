"""Drawing primitives: charts, gauges, sparklines, big digits; the width is always exact."""
