"""SQL for analysts: read-only questions over both stores."""
