"""The shipped network and gazetteer, loaded once."""

from pathlib import Path

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.loading import load_network
from app.roads.network import Network

NETWORK = Path(__file__).parents[3] / "config" / "network"


@pytest.fixture(scope="session")
def network() -> Network:
    return load_network(NETWORK)


@pytest.fixture(scope="session")
def gazetteer(network: Network) -> Gazetteer:
    return Gazetteer(network)
