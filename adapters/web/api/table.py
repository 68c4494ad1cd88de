"""Every endpoint of the HTTP API: routes, how requests are read and the description stem from this table."""

from adapters.web.api import library, models, questions, results, taking_part
from adapters.web.api.endpoints import Endpoint
from adapters.web.api.models import (
    Confirmed,
    Listing,
    OfBoth,
    OfParticipant,
    OfQuestion,
    OfSchedule,
    OfTemplate,
    Seen,
)
from bot.domain.api_tokens import Scope

ONE = "/questions/{question}"
PERSON = "/questions/{question}/participants/{participant}"
READ, WRITE, TAKE_PART, RESULTS = Scope.READ, Scope.WRITE, Scope.TAKE_PART, Scope.RESULTS
FILE = "text/csv"

ENDPOINTS = (
    Endpoint("GET", "/questions", questions.list_questions, READ, models.Questions, query=Listing),
    Endpoint(
        "POST",
        "/questions",
        questions.ask_question,
        WRITE,
        models.Question,
        body=models.QuestionIn,
        status=201,
    ),
    Endpoint("GET", ONE, questions.show_question, READ, models.Question, OfQuestion),
    Endpoint(
        "PATCH", ONE, questions.change_question, WRITE, models.Question, OfQuestion, body=models.ChangeIn
    ),
    Endpoint(
        "POST",
        ONE + "/close",
        questions.close_question,
        WRITE,
        models.Question,
        OfQuestion,
        body=models.CloseIn,
    ),
    Endpoint(
        "PUT",
        ONE + "/deadline",
        questions.move_deadline,
        WRITE,
        models.Question,
        OfQuestion,
        body=models.DeadlineIn,
    ),
    Endpoint("POST", ONE + "/retry", questions.draft_again, WRITE, models.Question, OfQuestion),
    Endpoint(
        "POST",
        ONE + "/cancel",
        questions.cancel_question,
        WRITE,
        models.Question,
        OfQuestion,
        body=models.CancelIn,
    ),
    Endpoint("GET", PERSON, taking_part.show_own, TAKE_PART, models.Own, OfBoth),
    Endpoint(
        "PUT",
        PERSON + "/opinion",
        taking_part.give_opinion,
        TAKE_PART,
        models.Told,
        OfBoth,
        body=models.OpinionIn,
    ),
    Endpoint(
        "DELETE", PERSON + "/opinion", taking_part.withdraw_opinion, TAKE_PART, models.Told, OfBoth, Confirmed
    ),
    Endpoint(
        "PUT",
        PERSON + "/rating",
        taking_part.give_rating,
        TAKE_PART,
        models.Told,
        OfBoth,
        body=models.RatingIn,
    ),
    Endpoint(
        "DELETE", PERSON + "/rating", taking_part.withdraw_rating, TAKE_PART, models.Told, OfBoth, Confirmed
    ),
    Endpoint(
        "PUT",
        PERSON + "/reason",
        taking_part.give_reason,
        TAKE_PART,
        models.Told,
        OfBoth,
        body=models.ReasonIn,
    ),
    Endpoint(
        "DELETE", PERSON + "/reason", taking_part.withdraw_reason, TAKE_PART, models.Told, OfBoth, Confirmed
    ),
    Endpoint(
        "PUT",
        PERSON + "/preference",
        taking_part.give_preference,
        TAKE_PART,
        models.Told,
        OfBoth,
        body=models.PreferenceIn,
    ),
    Endpoint(
        "GET",
        "/participants/{participant}",
        taking_part.show_everything,
        TAKE_PART,
        models.EverythingWritten,
        OfParticipant,
    ),
    Endpoint(
        "DELETE",
        "/participants/{participant}",
        taking_part.forget_participant,
        TAKE_PART,
        models.Told,
        OfParticipant,
        Confirmed,
    ),
    Endpoint(
        "POST",
        "/participants/{participant}/stop-learning",
        taking_part.stop_learning,
        TAKE_PART,
        models.Told,
        OfParticipant,
    ),
    Endpoint("GET", ONE + "/statement", results.show_statement, RESULTS, models.Statement, OfQuestion),
    Endpoint("GET", ONE + "/results", results.show_results, RESULTS, models.Results, OfQuestion, Seen),
    Endpoint("GET", ONE + "/reasons", results.show_reasons, RESULTS, models.Reasons, OfQuestion),
    Endpoint("GET", ONE + "/export.json", results.export_json, Scope.EXPORTS, None, OfQuestion),
    Endpoint("GET", ONE + "/export.csv", results.export_csv, Scope.EXPORTS, None, OfQuestion, media=FILE),
    Endpoint("GET", "/templates", library.list_templates, Scope.READ_LIBRARY, models.Templates),
    Endpoint(
        "POST",
        "/templates",
        library.save_template,
        Scope.WRITE_LIBRARY,
        models.Template,
        body=models.TemplateIn,
        status=201,
    ),
    Endpoint(
        "DELETE",
        "/templates/{template}",
        library.remove_template,
        Scope.WRITE_LIBRARY,
        models.Told,
        OfTemplate,
        Confirmed,
    ),
    Endpoint("GET", "/schedules", library.list_schedules, Scope.READ_LIBRARY, models.Schedules),
    Endpoint(
        "POST",
        "/schedules",
        library.add_schedule,
        Scope.WRITE_LIBRARY,
        models.Schedule,
        body=models.ScheduleIn,
        status=201,
    ),
    Endpoint(
        "DELETE",
        "/schedules/{schedule}",
        library.remove_schedule,
        Scope.WRITE_LIBRARY,
        models.Told,
        OfSchedule,
        Confirmed,
    ),
)
