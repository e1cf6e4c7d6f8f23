"""Analytics for people who publish on many platforms."""
