"""Take out of a shared library what only debuggers and linkers read; the loader reads segments."""

import struct
from pathlib import Path

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
"""The header of a 64-bit little-endian ELF file, after elf(5)."""

_SEGMENT = struct.Struct("<IIQQQQQQ")
_IS_64_BIT_LITTLE_ENDIAN = b"\x7fELF\x02\x01"


def strip_symbols(library: Path) -> None:
    """Cut a library behind its last segment, and its list of sections off; leave others as is."""
    content = library.read_bytes()
    if not content.startswith(_IS_64_BIT_LITTLE_ENDIAN):
        return
    header = list(_HEADER.unpack_from(content))
    first, size, count = header[5], header[9], header[10]
    segments = [_SEGMENT.unpack_from(content, first + size * each) for each in range(count)]
    end = max(first + size * count, *(segment[2] + segment[5] for segment in segments))
    # Of the sections: where they are told, how many, and which holds their names.
    header[6] = header[12] = header[13] = 0
    # In a file of its own: whoever calls this may have loaded the library.
    stripped = library.with_suffix(".stripped")
    stripped.write_bytes(_HEADER.pack(*header) + content[_HEADER.size : end])
    stripped.chmod(library.stat().st_mode)
    stripped.replace(library)
