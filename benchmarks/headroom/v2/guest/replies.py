"""Counting the replies of a server: all that a load has to know of them."""


class Replies:
    """A stream of replies that are a line or a bulk string each; `errors` of them refused."""

    def __init__(self) -> None:
        self.errors = 0
        self._rest = b""
        self._bulk = 0

    def feed(self, data: bytes) -> int:
        """Take what has arrived and return how many replies it completes."""
        if not (self._rest or self._bulk) and data == b"+OK\r\n" * (len(data) // 5):
            return len(data) // 5
        data = self._rest + data
        self._rest = b""
        done = at = 0
        while at < len(data):
            if self._bulk:
                step = min(self._bulk, len(data) - at)
                self._bulk -= step
                at += step
                done += not self._bulk
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                self._rest = data[at:]
                break
            done += self._line(data[at:end])
            at = end + 2
        return done

    def _line(self, line: bytes) -> bool:
        """Take a line; tells whether it is a whole reply, not the heading of a bulk string."""
        if line[:1] == b"$" and line != b"$-1":
            self._bulk = int(line[1:]) + 2
            return False
        self.errors += line[:1] == b"-"
        return True
