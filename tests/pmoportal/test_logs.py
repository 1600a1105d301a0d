import logging

from pmoportal.logs import WithoutAddresses


def test_a_log_line_loses_addresses_in_its_arguments() -> None:
    record = logging.LogRecord(
        "x", logging.INFO, "", 1, "to %s: <%s>", ("anna.a@firma.se", "b@c.se"), None
    )
    assert WithoutAddresses("%(message)s").format(record) == "to [address]: <[address]>"
