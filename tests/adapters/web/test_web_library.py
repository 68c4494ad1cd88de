"""Templates and the question bank on the web, for admins alone."""

from datetime import timedelta

import pytest

from bot.domain.library import BankQuestion, Template
from bot.domain.terms import Terms
from tests.adapters.web.test_web_changing import filled
from tests.web_house import NOON, House, Person

LIBRARY = "/admin/library"
RETRO = {"name": "Retro <b>", "question": "What should we change?", "context": "", "closes_after": "48"}


async def test_a_template_is_made_changed_asked_and_removed(house: House, admin: Person) -> None:
    await admin.open(f"{LIBRARY}/template")
    await admin.send(f"{LIBRARY}/template", {**RETRO, "instead_of": ""})
    (kept,) = await house.ports.library.templates("web")
    assert (kept.name, kept.closes_after) == ("Retro <b>", timedelta(days=2))
    assert "Retro &lt;b&gt;" in admin.page
    # Its terms, which the form does not ask, stay when its words are changed.
    terms = Terms(minimum_opinions=5)
    await house.ports.library.put_template("web", kept.model_copy(update={"terms": terms}))
    edit = filled(await admin.open(f"{LIBRARY}/template?name=Retro%20%3Cb%3E"))
    await admin.send(f"{LIBRARY}/template", {**edit, "question": "What shall we keep?"})
    (kept,) = await house.ports.library.templates("web")
    assert (kept.question, kept.terms) == ("What shall we keep?", terms)
    asks = filled(await admin.open("/ask?template=Retro%20%3Cb%3E"))
    assert (asks["question"], asks["minimum_opinions"]) == ("What shall we keep?", "5")
    await admin.open(LIBRARY)
    await admin.send(f"{LIBRARY}/templates/remove", {"seen": kept.name})
    assert await house.ports.library.templates("web") == [kept]
    await admin.send(f"{LIBRARY}/templates/remove", {"seen": kept.name, "sure": "yes"})
    assert await house.ports.library.templates("web") == []
    # Sent twice it finds it gone.
    await admin.send(f"{LIBRARY}/templates/remove", {"seen": kept.name, "sure": "yes"})
    assert admin.status == 200


async def test_a_template_of_the_same_name_is_asked_about_before_it_is_replaced(
    house: House, admin: Person
) -> None:
    await house.ports.library.put_template("web", Template(name=RETRO["name"], question="The one before?"))
    await admin.open(f"{LIBRARY}/template")
    form = {**RETRO, "instead_of": ""}
    await admin.send(f"{LIBRARY}/template", form)
    assert admin.status == 422
    assert "The one before?" in admin.page
    # Another came in its place meanwhile: that one is asked about, too.
    await house.ports.library.put_template("web", Template(name=RETRO["name"], question="A newer one?"))
    await admin.send(f"{LIBRARY}/template", {**form, "instead_of": admin.hidden("instead_of")})
    assert "A newer one?" in admin.page
    await admin.send(f"{LIBRARY}/template", {**form, "instead_of": admin.hidden("instead_of")})
    (kept,) = await house.ports.library.templates("web")
    assert kept.question == RETRO["question"]


async def test_questions_come_into_the_bank_one_by_one_or_from_a_file(house: House, admin: Person) -> None:
    await admin.open(LIBRARY)
    await admin.send(f"{LIBRARY}/bank", {"question": 'Is "this", kept?', "context": "Two\nlines."})
    house.clock.advance(timedelta(seconds=1))
    await admin.send(f"{LIBRARY}/import", {"csv": "question,context\nWhere to?,\nBy when?,Soon.\n"})
    bank = await house.ports.library.bank("web")
    assert [each.question for each in bank] == ['Is "this", kept?', "Where to?", "By when?"]
    assert bank[0].context == "Two\nlines."
    await admin.send(f"{LIBRARY}/import", {"csv": "question\nWhere to?\n"})
    assert admin.status == 422
    assert "in the bank already" in admin.page
    await admin.send(f"{LIBRARY}/bank", {"question": " ", "context": "Kept."})
    assert admin.status == 422
    assert "Kept." in admin.page
    await admin.open(f"{LIBRARY}?words=when")
    assert "By when?" in admin.page
    assert "Where to?" not in admin.page
    asks = filled(await admin.open(f"/ask?bank={bank[2].id}"))
    assert (asks["question"], asks["context"]) == ("By when?", "Soon.")
    await admin.open(LIBRARY)
    await admin.send(f"{LIBRARY}/bank/remove", {"seen": bank[2].id, "sure": "yes"})
    assert len(await house.ports.library.bank("web")) == 2


@pytest.mark.parametrize("path", [LIBRARY, f"{LIBRARY}/template", "/ask?bank={id}"])
async def test_the_library_is_for_admins_alone(house: House, path: str) -> None:
    question = BankQuestion.of("Secret?", "", NOON)
    await house.ports.library.add_to_bank("web", [question])
    visitor = await house.visitor(await house.ask())
    await visitor.open(path.format(id=question.id))
    assert visitor.status == 403
    assert "Secret?" not in visitor.page
    for to in ("bank", "import", "template", "templates/remove", "bank/remove"):
        await visitor.open("/me")
        await visitor.send(f"{LIBRARY}/{to}", {"seen": question.id, "sure": "yes"})
        assert visitor.status == 403
    assert await house.ports.library.bank("web") == [question]
