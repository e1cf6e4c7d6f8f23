"""Cells of a workbook (.xlsx) shown as percentages: a sheet keeps 0.055 and shows 5.5%, and what is shown is meant."""

import posixpath
import re
import zipfile
from typing import Any

from engagerr_core.sources.archives import BROKEN, read_member
from engagerr_core.sources.limits import Limits

BUILT_IN = {"9": "0%", "10": "0.00%"}
LARGEST_PART = 16 * 1024 * 1024  # bytes of a part that is parsed as a tree

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*)>")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["']""")
_STYLE = re.compile(rb"""\bs\s*=\s*["']([0-9]{1,6})["']""")


def percent_cells(workbook: zipfile.ZipFile, limits: Limits) -> dict[str, frozenset[str]]:
    """By sheet, the places (``B7``) of the cells shown with a percent sign."""
    styles = _percent_styles(workbook, limits)
    if not styles:
        return {}
    found = {}
    for name, part in _sheets(workbook, limits):
        xml = _part(workbook, part, limits)
        found[name] = frozenset(
            place[1].decode()
            for cell in _CELL.finditer(xml)
            if (style := _STYLE.search(cell[1])) and style[1] in styles and (place := _PLACE.search(cell[1]))
        )
    return found


def _percent_styles(workbook: zipfile.ZipFile, limits: Limits) -> frozenset[bytes]:
    tree = _tree(workbook, "xl/styles.xml", limits)
    if tree is None:
        return frozenset()
    codes = BUILT_IN | {form.get("numFmtId"): form.get("formatCode", "") for form in _named(tree, "numFmt")}
    lists = _named(tree, "cellXfs")
    cells = list(lists[0]) if lists else []
    return frozenset(
        str(number).encode()
        for number, style in enumerate(cells)
        if "%" in _QUOTED.sub("", codes.get(style.get("numFmtId"), ""))
    )


def _sheets(workbook: zipfile.ZipFile, limits: Limits) -> list[tuple[str, str]]:
    """Names of the sheets and of the parts in which they lie."""
    book, relations = (_tree(workbook, f"xl/{name}", limits) for name in ("workbook.xml", "_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return []
    targets = {one.get("Id"): one.get("Target", "") for one in _named(relations, "Relationship")}
    found = []
    for sheet in _named(book, "sheet"):
        relation = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        if target := targets.get(relation):
            found.append((sheet.get("name", ""), posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")))
    return found


def _part(workbook: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    try:
        return read_member(workbook, workbook.getinfo(name), limits, part=True)
    except (KeyError, *BROKEN):
        return b""


def _tree(workbook: zipfile.ZipFile, name: str, limits: Limits) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    xml = _part(workbook, name, limits)
    if not xml or len(xml) > LARGEST_PART:
        return None
    try:
        return fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None


def _named(tree: Any, name: str) -> list[Any]:
    return [element for element in tree.iter() if str(element.tag).rpartition("}")[2] == name]
