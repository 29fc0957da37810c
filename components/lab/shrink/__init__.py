"""Makes a stand-alone script smaller without changing what it shows."""
