"""Posts a question's statement as a comment on a GitHub issue; run again, it changes that comment.

    ACCORD_URL=https://accord.example.org ACCORD_TOKEN=accord_… GITHUB_TOKEN=… \
        python github_comment.py QUESTION_ID OWNER/REPOSITORY ISSUE_NUMBER

The Accord token needs the scopes questions:read and results:read; GitHub's has to let it write to issues.
"""

import html
import os
import sys
from typing import Any

from accord_api import RefusedError, call

GITHUB = "https://api.github.com"
MARKUP = "\\`*_[]~|"


def comment_of(question: dict[str, Any], results: dict[str, Any]) -> str:
    """The comment in Markdown, with a mark by which it is found again."""
    statement, ratings = results["statement"], results["ratings"]
    lines = [f"<!-- accord {question['id']} -->", f"**{_harmless(question['question'])}**", ""]
    lines += [f"> {_harmless(line)}" for line in statement["text"].splitlines()]
    lines += ["", f"{statement['drafted']} {statement['made']}"]
    if ratings and ratings["mean"] is not None:
        lines.append(f"{ratings['agree']} of {ratings['total']} agree.")
    return "\n".join(lines)


def _harmless(text: str) -> str:
    """Somebody's words as plain text: no markup, nobody is mentioned, and no issue is linked."""
    plain = "".join(f"\\{each}" if each in MARKUP else each for each in html.escape(text, quote=False))
    return plain.replace("@", "@\u200b").replace("#", "#\u200b")


def post(question_id: str, repository: str, issue: str, environment: Any = os.environ) -> str:
    """Write the comment, or change the one that is there; its address."""
    accord = environment["ACCORD_URL"], environment["ACCORD_TOKEN"]
    github = environment.get("GITHUB_API_URL", GITHUB), environment["GITHUB_TOKEN"]
    question = call(*accord, "GET", f"/api/v1/questions/{question_id}")
    text = comment_of(question, call(*accord, "GET", f"/api/v1/questions/{question_id}/results"))
    there = call(*github, "GET", f"/repos/{repository}/issues/{issue}/comments?per_page=100")
    mine = [each for each in there if each["body"].startswith(f"<!-- accord {question_id} -->")]
    if mine:
        path = f"/repos/{repository}/issues/comments/{mine[0]['id']}"
        return str(call(*github, "PATCH", path, {"body": text})["html_url"])
    path = f"/repos/{repository}/issues/{issue}/comments"
    return str(call(*github, "POST", path, {"body": text})["html_url"])


if __name__ == "__main__":
    try:
        sys.stdout.write(post(*sys.argv[1:4]) + "\n")
    except RefusedError as refused:
        sys.exit(str(refused))
