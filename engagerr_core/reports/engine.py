"""papermill's engine for a kernel that somebody else keeps: it executes and lets go, and does not end the kernel.

Import it only inside functions: it loads papermill.
"""

from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

NAME = "engagerr"


class WarmEngine(Engine):
    """Executes on the kernel given as `manager`."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, manager: Any, **of_papermill: Any) -> None:
        """Execute the notebook that papermill manages.

        A cell that raises, or under which the kernel dies, ends it and holds the error as its output; papermill saves
        the notebook and reports that. `of_papermill` is what papermill hands to every engine.
        """
        client = PapermillNotebookClient(nb_man, km=manager, store_widget_state=False, kernel_name=kernel_name)
        try:
            client.execute()
        except DeadKernelError:
            begun = [cell for cell in nb_man.nb.cells if cell.metadata.get("papermill", {}).get("start_time")]
            words = "the kernel ended in this cell, perhaps for want of memory"
            begun[-1].outputs.append(new_output("error", ename="DeadKernel", evalue=words, traceback=[]))
        finally:
            if client.kc is not None:
                client.kc.stop_channels()


papermill_engines.register(NAME, WarmEngine)
