"""What people call a drive: words of the ledger to manufacturer, model, role and datacenter.

The alias table of the configuration merges names here, in figures only; it never touches a key.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from aggregator.ingest.ledger import Ledger
from aggregator.ingest.runs import NOTHING, Numbers
from bus import identity


class Group(NamedTuple):
    """Drives that settled to be the same: a cohort without its datacenter."""

    manufacturer: str
    model: str
    role: str


class Cohort(NamedTuple):
    """The finest group that figures are kept by."""

    manufacturer: str
    model: str
    role: str
    datacenter: str


class Naming(NamedTuple):
    """`aliases`: a model, raw or normal, to the model under whose name it is counted."""

    aliases: Mapping[str, str] = {}

    def model(self, raw: str) -> str:
        normal = identity.normal_model(raw)
        return identity.normal_model(self.aliases.get(raw) or self.aliases.get(normal) or normal)

    def group(self, raw_model: str, role: str) -> Group:
        model = self.model(raw_model)
        known = identity.manufacturer(model)
        maker = identity.manufacturer(raw_model) if known == identity.UNKNOWN_MAKER else known
        return Group(maker, model, role)


class Named:
    """The groups and datacenters of one ledger by number, and the numbers of its words."""

    def __init__(self, ledger: Ledger, naming: Naming) -> None:
        whats = [naming.group(word.raw_model, word.role) for word in ledger.what.pool.words]
        places = [word.datacenter for word in ledger.where.pool.words]
        self._groups = sorted(set(whats))
        self._datacenters = sorted({"", *places})
        numbers = {group: number for number, group in enumerate(self._groups)}
        sites = {name: number for number, name in enumerate(self._datacenters)}
        # One more at the end, so that the word NOTHING (-1) leads to group NOTHING, site "".
        self._group_of = np.array([*(numbers[group] for group in whats), NOTHING], dtype=np.int32)
        self.sites: Numbers = np.array([*(sites[name] for name in places), 0], dtype=np.int32)
        """The datacenter that each word of `ledger.where` names; at the end that of NOTHING."""

    @property
    def groups(self) -> int:
        return max(1, len(self._groups))

    @property
    def datacenters(self) -> int:
        return len(self._datacenters)

    def group(self, number: int) -> Group:
        return self._groups[number]

    def group_of(self, words: Numbers) -> Numbers:
        """The group of each word of `ledger.what`; NOTHING stays NOTHING."""
        return self._group_of[words]

    def cohort(self, number: int) -> Cohort:
        """The cohort of group * datacenters + datacenter."""
        group, site = divmod(number, self.datacenters)
        return Cohort(*self._groups[group], self._datacenters[site])
