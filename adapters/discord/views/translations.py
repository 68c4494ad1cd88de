"""What commands and their options are called in other languages.

Gives:  for each English name the German, French and Spanish one.
Discord takes names in lower case without spaces, at most 32 characters. A name that is not here is shown in
English. A test finds out what is missing or too long. Descriptions and choices are in the catalogues.
"""

LANGUAGES = ("de", "fr", "es")

NAMES = {
    "accord": ("accord", "accord", "accord"),
    "ask": ("fragen", "demander", "preguntar"),
    "close": ("schließen", "clore", "cerrar"),
    "revise": ("überarbeiten", "réviser", "revisar"),
    "extend": ("verlängern", "prolonger", "prolongar"),
    "reopen": ("wieder-öffnen", "rouvrir", "reabrir"),
    "cancel": ("abbrechen", "annuler", "cancelar"),
    "list": ("liste", "liste", "lista"),
    "results": ("ergebnisse", "résultats", "resultados"),
    "outcome": ("entscheidung", "décision", "decisión"),
    "export": ("export", "exporter", "exportar"),
    "help": ("hilfe", "aide", "ayuda"),
    "forget-me": ("vergiss-mich", "oublie-moi", "olvídame"),
    "settings": ("einstellungen", "paramètres", "ajustes"),
    "status": ("status", "état", "estado"),
    "library": ("bibliothek", "bibliothèque", "biblioteca"),
    "import": ("importieren", "importer", "importar"),
    "schedule": ("zeitplan", "programmer", "programar"),
    "question": ("frage", "question", "pregunta"),
    "background": ("hintergrund", "contexte", "contexto"),
    "deadline": ("frist", "échéance", "plazo"),
    "identity": ("identität", "identité", "identidad"),
    "rated_by": ("bewertet_durch", "noté_par", "valorado_con"),
    "scale": ("skala", "échelle", "escala"),
    "emoji": ("emoji", "émoji", "emoji"),
    "rating_open": ("bewertungszeit", "durée_du_vote", "tiempo_de_voto"),
    "quorum": ("quorum", "quorum", "quórum"),
    "minimum": ("mindestens", "minimum", "mínimo"),
    "chosen_for": ("gewählt_nach", "choisi_pour", "elegido_por"),
    "keep_trying": ("weiter_versuchen", "réessayer_pendant", "seguir_intentando"),
    "template": ("vorlage", "modèle", "plantilla"),
    "thread": ("thread", "fil", "hilo"),
    "position": ("aussage", "position", "afirmación"),
    "quality": ("qualität", "qualité", "calidad"),
    "revise_below": ("überarbeiten_unter", "réviser_sous", "revisar_por_debajo"),
    "points": ("punkte", "points", "puntos"),
    "rounds": ("runden", "tours", "rondas"),
    "zone": ("zeitzone", "fuseau", "zona"),
    "past": ("frühere", "passées", "anteriores"),
    "member": ("mitglied", "membre", "miembro"),
    "until": ("bis", "jusque", "hasta"),
    "file": ("datei", "fichier", "archivo"),
    "at": ("wann", "quand", "cuándo"),
    "weekday": ("wochentag", "jour", "día"),
    "channel": ("kanal", "salon", "canal"),
    "hours": ("stunden", "heures", "horas"),
    "Find common ground": ("Gemeinsamkeiten finden", "Trouver un accord", "Buscar un acuerdo"),
}
