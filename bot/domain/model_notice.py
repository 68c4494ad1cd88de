"""Which AI models read what members write: said before they write, and with the statement.

Gives:  plain data. A worker keeps it in the store, since only workers know what they draft with; gateways
        show it.
"""

from engine.types import Frozen


class ModelNotice(Frozen):
    """What members are told of the models, in words that may be shown to anybody.

    drafter: the model that drafts and where it runs, such as "Llama 3.1 on ai.example.org"; empty where none
        does, so that the result quotes members word for word.
    judge: the same of another model that reads opinions to predict agreement; empty where there is none.
    last_resort: whether the result quotes members word for word when the model cannot be reached.
    """

    drafter: str = ""
    judge: str = ""
    last_resort: bool = False
