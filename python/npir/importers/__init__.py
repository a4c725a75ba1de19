"""Importers: from a framework's model to an npir module, one package each."""
