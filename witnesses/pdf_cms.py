#!/usr/bin/env python3
"""Takes the CMS and the signed bytes out of a sealed PDF by its ByteRange alone, without any PDF library.

    python3 pdf_cms.py FILE.pdf OUT-PREFIX      writes OUT-PREFIX.0.der, OUT-PREFIX.0.signed, OUT-PREFIX.1.der, …

Also finds the signature value inside a CMS, so that exactly one of its bytes can be changed.
"""

import re
import sys
from pathlib import Path

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


class EmbeddedSignature:
    """One signature dictionary: where its CMS stands in the file, the CMS without padding, and what it covers."""

    def __init__(self, pdf, match):
        start, length, resume, rest = [int(number) for number in match.groups()]
        self.byte_range = (start, length, resume, rest)
        self.hex_offset = start + length + 1  # after "<"
        digits = bytes(pdf[start + length:resume]).strip()
        if not (digits.startswith(b"<") and digits.endswith(b">")):
            raise ValueError("the gap of ByteRange %r holds no hexadecimal string" % (self.byte_range,))
        padded = bytes.fromhex(digits[1:-1].decode("ascii"))
        self.cms = padded if padded[1] == 0x80 else padded[:element(padded, 0)[2]]  # BER of indefinite length ends itself
        self.signed = bytes(pdf[start:start + length] + pdf[resume:resume + rest])
        dictionary = pdf[pdf.rfind(b" obj", 0, match.start()):pdf.find(b"endobj", match.end())]
        self.is_time_stamp = b"ETSI.RFC3161" in dictionary


def signatures(pdf):
    """All signatures of a PDF, in the order in which they stand in the file."""
    return [EmbeddedSignature(pdf, match) for match in BYTE_RANGE.finditer(pdf)]


def seal(pdf):
    """The first signature that is a seal."""
    return next(one for one in signatures(pdf) if not one.is_time_stamp)


def element(der, offset):
    """(tag, start of the content, end of the content) of the DER element at an offset."""
    tag, length, start = der[offset], der[offset + 1], offset + 2
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(der[start:start + count], "big"), start + count
    return tag, start, start + length


def children(der, offset):
    """Offsets of the elements inside the constructed element at an offset."""
    _, at, end = element(der, offset)
    found = []
    while at < end:
        found.append(at)
        at = element(der, at)[2]
    return found


def signature_value(cms):
    """(start, end) of the signature value of the first SignerInfo.

    ContentInfo ::= SEQUENCE { contentType, [0] SignedData };  SignedData ends with SET OF SignerInfo;
    SignerInfo ::= SEQUENCE { …, signature OCTET STRING, unsignedAttrs [1] OPTIONAL }
    """
    signed_data = children(cms, children(cms, 0)[1])[0]
    signer_info = children(cms, children(cms, signed_data)[-1])[0]
    octets = [at for at in children(cms, signer_info) if cms[at] == 0x04]
    return element(cms, octets[-1])[1:]


def main():
    pdf, prefix = Path(sys.argv[1]).read_bytes(), sys.argv[2]
    for number, one in enumerate(signatures(pdf)):
        Path("%s.%d.der" % (prefix, number)).write_bytes(one.cms)
        Path("%s.%d.signed" % (prefix, number)).write_bytes(one.signed)
        print("%d %s %s" % (number, "time-stamp" if one.is_time_stamp else "seal", list(one.byte_range)))


if __name__ == "__main__":
    main()
