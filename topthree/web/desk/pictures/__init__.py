"""Pictures: uploading one, and choosing the part of it that is shown."""
