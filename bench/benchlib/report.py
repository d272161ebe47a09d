"""The table: what | ours | peer | ratio | target | reached."""

import dataclasses


def seconds(value):
    for limit, scale, unit, digits in ((1e-6, 1e9, "ns", 1), (1e-3, 1e6, "us", 1), (1, 1e3, "ms", 1)):
        if value < limit:
            return f"{value * scale:.{digits}f} {unit}"
    return f"{value:.2f} s"


def megabytes(value):
    return f"{value / 1e6:.0f} MB" if value >= 1e7 else f"{value / 1e6:.1f} MB"


def count(value):
    return f"{value:,.0f}"


def rate(value):
    return f"{value / 1e9:.2f} GB/s"


def plain(value):
    return f"{value:.1e}"


SHOW = {"s": seconds, "B": megabytes, "n": count, "B/s": rate, "1": plain}


@dataclasses.dataclass
class Row:
    """One line. `ours` and `peer` are numbers in `unit` (a key of SHOW); the target is a bound of ours or of the ratio.

    `ratio` says how many times better than the peer ours is, unless `ratio_note` says something else.
    """

    group: str
    what: str
    unit: str
    ours: float | None = None
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    ratio_note: str = ""
    target: str = ""
    reached: bool | None = None
    details: dict = dataclasses.field(default_factory=dict)

    def at_most(self, limit, applies=True):
        """Sets a target for ours."""
        if applies:
            self.target, self.reached = f"<= {SHOW[self.unit](limit)}", self.ours <= limit
        return self

    def ratio_at_least(self, limit):
        """Sets a target for the ratio; without the peer it stays open."""
        self.target, self.reached = f">= {limit:g}x", None if self.ratio is None else self.ratio >= limit
        return self

    def cells(self):
        show = SHOW[self.unit]
        peer = "" if self.peer is None else show(self.peer)
        if self.peer_name:
            peer = f"{peer} ({self.peer_name})" if peer else self.peer_name
        ratio = "" if self.ratio is None else (f"{self.ratio:.1f}x" if self.ratio < 100 else f"{self.ratio:,.0f}x")
        if self.ratio_note:
            ratio = f"{ratio} {self.ratio_note}".strip()
        return [
            self.what,
            "" if self.ours is None else show(self.ours),
            peer,
            ratio,
            self.target,
            {True: "yes", False: "no", None: ""}[self.reached],
        ]


HEAD = ["what", "ours", "peer", "ratio", "target", "reached"]


def text_table(rows):
    lines = [HEAD] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    out = []
    group = None
    for index, line in enumerate(lines):
        if index > 0 and rows[index - 1].group != group:
            group = rows[index - 1].group
            out.append(f"-- {group} " + "-" * max(0, sum(widths) + 2 * len(widths) - len(group) - 6))
        out.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    return "\n".join(out)


def markdown_table(rows):
    out = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for row in rows:
        # Unescaped, "<constexport/...>" would be taken for HTML and vanish.
        cells = [cell.replace("|", "\\|").replace("<", "&lt;") for cell in row.cells()]
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)
