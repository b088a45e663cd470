"""Python starts with this when the folder is on PYTHONPATH: the kernel then ends the process, and every
process it starts, as soon as one connects to anything or opens an internet socket for datagrams, be it from
Python or from native code. A stream socket alone is no harm: urllib3 opens one to learn of IPv6.
"""

import ctypes
import platform
import socket
import struct

# (architecture, numbers of the system calls `connect` and `socket`)
SYSTEMS = {"x86_64": (0xC000003E, 42, 41), "aarch64": (0xC00000B7, 203, 198)}
LOAD, MASK, IF_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT, SECOND_ARGUMENT_AT = 0, 4, 16, 24
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def forbid_internet() -> None:
    architecture, connect_number, socket_number = SYSTEMS[platform.machine()]
    # Where a comparison goes is counted in instructions to skip: when it holds, when not.
    program = (
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (IF_EQUAL, 0, 9, architecture),
        (LOAD, 0, 0, NUMBER_AT),
        (IF_EQUAL, 8, 0, connect_number),
        (IF_EQUAL, 0, 6, socket_number),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (IF_EQUAL, 1, 0, socket.AF_INET),
        (IF_EQUAL, 0, 3, socket.AF_INET6),
        (LOAD, 0, 0, SECOND_ARGUMENT_AT),
        (MASK, 0, 0, 0xF),
        (IF_EQUAL, 1, 0, socket.SOCK_DGRAM),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, KILL_PROCESS),
    )
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Filter(len(program), code))) != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


forbid_internet()
