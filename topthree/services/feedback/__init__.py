"""What comes back about letters that went out: bounces, complaints, and who leaves by mail."""
