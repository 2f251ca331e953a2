"""Messages that Amazon SNS posts to us: what they say, and whether they are Amazon's."""
