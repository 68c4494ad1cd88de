"""Files of the schema of the Habermas Machine's data, with rows that are made up here."""

import pyarrow as pa
from pyarrow import parquet

WORDS = (
    "STRONGLY_DISAGREE", "DISAGREE", "SOMEWHAT_DISAGREE", "NEUTRAL", "SOMEWHAT_AGREE", "AGREE",
    "STRONGLY_AGREE",
)  # fmt: skip
TEXT, TEXTS = pa.string(), pa.list_(pa.string())
QUESTION = ("id", "text", "affirming_statement", "negating_statement", "split", "provenance")
METADATA = ("id", "provenance", "participant_id", "response_duration", "created", "status")
MODELS = ("generative_model.api_version", "generative_model.template_name", "reward_model.api_version")

SINGLE = (
    "launch_id", "round_id", "iteration_id", "worker_id", *(f"question.{name}" for name in QUESTION),
    *(f"metadata.{name}" for name in (*METADATA, "version", "task_duration", "updated")), "own_opinion.text",
    "own_opinion.display_label", *(f"own_opinion.metadata.{name}" for name in METADATA), "critique.text",
    *(f"critique.metadata.{name}" for name in METADATA), "top_candidate.text",
    *(f"top_candidate.metadata.{name}" for name in (*METADATA, *MODELS)), "rankings.explanation",
)  # fmt: skip
LISTS = (
    "other_opinions.text", *(f"other_opinions.metadata.{name}" for name in METADATA), "candidates.text",
    "candidates.display_label", "candidates.prompt_text", "candidates.aggregation.method",
    *(f"candidates.metadata.{name}" for name in (*METADATA, *MODELS)), "rankings.candidate_ids",
    "ratings.agreement", "ratings.quality",
)  # fmt: skip
COMPARISONS = pa.schema(
    [(name, TEXT) for name in SINGLE]
    + [(name, TEXTS) for name in LISTS]
    + [
        ("question.topic", pa.int64()),
        ("iteration_index", pa.int64()),
        ("monotonic_timestamp", pa.int64()),
        ("rankings.numerical_ranks", pa.list_(pa.int64())),
        ("candidates.all_texts", pa.list_(TEXTS)),
        ("candidates.parent_statement_ids", pa.list_(TEXTS)),
        ("candidates.reward_data.reward_predictions", pa.list_(pa.list_(pa.float64()))),
    ]
)
POSITIONS = pa.schema(
    [(name, TEXT) for name in ("launch_id", "worker_id", *(f"question.{name}" for name in QUESTION))]
    + [(f"metadata.{name}", TEXT) for name in (*METADATA, "version")]
    + [("question_index", pa.int64()), ("rating_index", pa.int64()), ("ratings.agreement", TEXTS)]
)
RANKINGS = pa.schema([("worker_id", TEXT), ("launch_id", TEXT), ("numerical_ranks", pa.list_(pa.int64()))])
SURVEYS = pa.schema(
    [(name, TEXT) for name in ("worker_id", "launch_id", "question.text", "opinion.text", "candidate.text")]
)


def question(text="Should we keep cats?", **about):
    return {
        "question.id": "Q1",
        "question.text": text,
        "question.affirming_statement": "We should keep cats.",
        "question.negating_statement": "We should not keep cats.",
        "question.topic": 3,
        "question.split": "TRAIN",
    } | about


def comparison(**changes):
    """One person's ratings of two statements by the model, with every field that matters here."""
    return (
        question()
        | {
            "launch_id": "L1",
            "round_id": "R1",
            "iteration_index": 0,
            "worker_id": "worker-7",
            "metadata.participant_id": "participant-70",
            "metadata.provenance": "HUMAN_CITIZEN",
            "metadata.version": "EVAL_V1",
            "metadata.created": "2023-02-03T10:00:00",
            "own_opinion.text": "Cats are company for many.",
            "own_opinion.metadata.provenance": "HUMAN_CITIZEN",
            "other_opinions.text": ["Cats kill birds."],
            "candidates.text": ["Keep cats, with bells.", "Keep cats."],
            "candidates.metadata.id": ["C1", "C2"],
            "candidates.metadata.provenance": ["MODEL_MEDIATOR"] * 2,
            "candidates.metadata.generative_model.api_version": ["gen-4"] * 2,
            "candidates.metadata.generative_model.template_name": ["consensus"] * 2,
            "candidates.metadata.reward_model.api_version": ["prm-2"] * 2,
            "candidates.all_texts": [["Keep cats, with bells.", "Other"], ["Keep cats.", "Other"]],
            "candidates.reward_data.reward_predictions": [[0.25, -1.5], [2.0, 0.5]],
            "ratings.agreement": ["AGREE", "SOMEWHAT_DISAGREE"],
            "ratings.quality": ["EXCELLENT_QUALITY", "NEUTRAL"],
            "rankings.numerical_ranks": [0, 1],
        }
        | {name.replace("__", "."): value for name, value in changes.items()}
    )


def position(**changes):
    """The same person's rating of the affirming statement before the deliberation."""
    return (
        question()
        | {
            "launch_id": "L1",
            "worker_id": "worker-7",
            "metadata.participant_id": "participant-70",
            "metadata.provenance": "HUMAN_CITIZEN",
            "rating_index": 0,
            "ratings.agreement": ["STRONGLY_AGREE"],
        }
        | {name.replace("__", "."): value for name, value in changes.items()}
    )


def write(path, rows, schema=COMPARISONS, *, without=(), **settings):
    """Write rows as the data does; what a row does not have is null, and `without` are not there at all."""
    kept = pa.schema([each for each in schema if each.name not in without])
    found = [{name: value for name, value in row.items() if name not in without} for row in rows]
    parquet.write_table(pa.Table.from_pylist(found, kept), path, **settings)
    return path


def damage(path, *, group, column):
    """Put zeros in the place of a column's pages in one row group."""
    with parquet.ParquetFile(path) as file:
        found = file.metadata.row_group(group)
        chunks = [found.column(n) for n in range(found.num_columns)]
    (chunk,) = [each for each in chunks if each.path_in_schema == column]
    begin = chunk.dictionary_page_offset or chunk.data_page_offset
    content = bytearray(path.read_bytes())
    content[begin : begin + chunk.total_compressed_size] = bytes(chunk.total_compressed_size)
    path.write_bytes(content)


def as_comparisons(records):
    """Rows of the candidate comparisons that say what feedback records say."""
    rows = {}
    for each in records:
        key = each.group, each.deliberation_id, each.round, each.participant
        rows.setdefault(key, []).append(each)
    return [_row(*key, found) for key, found in rows.items()]


def _row(group, deliberation, round_, person, found):
    count = len(found)
    return comparison() | {
        "launch_id": group,
        "round_id": deliberation,
        "iteration_index": round_ - 1,
        "worker_id": person,
        "metadata.participant_id": None,
        "question.text": found[0].question,
        "question.topic": len(found[0].question),
        "own_opinion.text": found[0].opinion,
        "candidates.text": [each.statement for each in found],
        "candidates.metadata.id": [each.statement_id for each in found],
        "candidates.metadata.provenance": ["MODEL_MEDIATOR"] * count,
        "candidates.metadata.generative_model.api_version": None,
        "candidates.metadata.generative_model.template_name": None,
        "candidates.metadata.reward_model.api_version": None,
        "ratings.agreement": [WORDS[each.agreement - 1] for each in found],
        "ratings.quality": ["GOOD_QUALITY"] * count,
    }
