"""What the name of an exported file tells of its contents."""

from pathlib import PurePosixPath

from engagerr_core.sources.files import INSIDE, TABLE_SUFFIXES


def file_name(path: str) -> str:
    """The name of the file in a path as shown, without archives around it and sheets in it.

    >>> file_name("exports/all.zip › music/My Song-timeline.csv")
    'My Song-timeline.csv'
    >>> file_name("exports/PostAnalytics_Ada_7432.xlsx › PERFORMANCE")
    'PostAnalytics_Ada_7432.xlsx'
    """
    parts = [part.replace("\\", "/").rsplit("/", 1)[-1] for part in path.split(INSIDE)]
    tables = [part for part in parts if PurePosixPath(part).suffix.lower() in TABLE_SUFFIXES]
    return tables[-1] if tables else parts[-1]
