"""Questions in plain words about bots' events: ready ones need no model, others ask one; read-only by the engine."""
