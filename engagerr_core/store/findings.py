"""What an examination of a workspace finds: the fault, what follows from it, and what mends it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault.

    Attributes
    ----------
    kind : a few words that are the same for all faults of the kind, such as ``damaged file``.
    where : the file, folder or address.
    what : what is wrong.
    consequence : what cannot be done, or what is not true, because of it.
    mendable : whether `engagerr doctor --repair` mends it.
    how : what the repair does, or what you can do.
    """

    kind: str
    where: str
    what: str
    consequence: str
    mendable: bool
    how: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.consequence} {self.how}".strip()
