"""What a changed rule set would have made of the last days: played again, compared, judged."""
