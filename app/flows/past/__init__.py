"""The past is played: reports through the whole chain, forecasts against what came."""
