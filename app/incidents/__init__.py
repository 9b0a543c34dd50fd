"""WHAT HAPPENED: reports, the incidents they speak of, and how far to believe them."""
