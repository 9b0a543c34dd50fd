"""What messages cost, how far an organisation's budget goes, and who hears that it runs short."""
