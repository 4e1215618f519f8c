"""Events over HTTP into a database: what is taken, how it is written, and who may."""
