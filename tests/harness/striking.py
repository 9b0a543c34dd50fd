"""Faults struck at random while an alert is told: few in the tests, many in `bench/faults.py`."""

import random
import signal
import time
from dataclasses import dataclass, field

from tests.harness.cutting import Cutter
from tests.harness.restartable import RestartablePostgres
from tests.harness.running import Running
from tests.harness.site import Site


@dataclass
class Crew:
    """The processes that send; `words` is how each is started."""

    site: Site
    words: tuple[str, ...]
    chance: random.Random
    members: list[Running] = field(default_factory=list)
    #: Strikes that found something left to send.
    struck: int = 0

    def muster(self, number: int) -> None:
        """Start so many, and wait for them."""
        self.members += [self.site.start(*self.words) for _ in range(number)]
        for one in self.members:
            one.wait_until_ready()

    def kill(self, times: int, *, life_s: float) -> None:
        """Kill one at random, so many times, each a while after it could work; start another."""
        for _ in range(times):
            place = self.chance.randrange(len(self.members))
            self.members[place].wait_until_ready()
            time.sleep(self.chance.uniform(0, life_s))
            self.struck += self.site.left() > 0
            self.members[place].kill()
            self.members[place] = self.site.start(*self.words)

    def freeze(self, times: int, *, life_s: float, for_s: float) -> None:
        """Stop one at random for so long, then let it go on where it was, so many times."""
        for _ in range(times):
            one = self.chance.choice(self.members)
            one.wait_until_ready()
            time.sleep(self.chance.uniform(0, life_s))
            self.struck += self.site.left() > 0
            one.signal(signal.SIGSTOP)
            time.sleep(for_s)
            one.signal(signal.SIGCONT)

    def cut(self, times: int, cutter: Cutter, *, life_s: float, for_s: float) -> None:
        """Cut the wire to the provider for so long, so many times."""
        for _ in range(times):
            time.sleep(self.chance.uniform(0.1, life_s))
            self.struck += self.site.left() > 0
            cutter.cut()
            time.sleep(for_s)
            cutter.mend()


def restart_server(crew: Crew, server: RestartablePostgres, times: int, *, life_s: float) -> None:
    """Stop PostgreSQL and start it again, so many times: gently and on the spot by turns."""
    for number in range(times):
        time.sleep(crew.chance.uniform(0.2, life_s))
        crew.struck += crew.site.left() > 0
        server.stop(mode="immediate" if number % 2 else "fast")
        time.sleep(crew.chance.uniform(0, 1))
        server.start()
