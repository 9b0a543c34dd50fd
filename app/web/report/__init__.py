"""The form of a report, whole without a network: what is filled, foreseen, sent and kept."""
