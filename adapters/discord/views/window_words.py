"""What stands in windows and menus, in other languages: titles, labels, hints, placeholders, options.

Gives:  for each of our English texts the German, French and Spanish one, in the order of `words.LANGUAGES`.
A part in braces differs from time to time (`localisation.PARTS`). Words that choices of commands or buttons
have as well stand in `words`. Discord takes 45 characters for titles and labels, 100 for the others. A test
goes through every window and menu, and finds out what is missing or too long.
"""

from adapters.discord.views.words import NAMES

TIMES = {
    "one minute": ("eine Minute", "une minute", "un minuto"),
    "{number} minutes": ("{number} Minuten", "{number} minutes", "{number} minutos"),
    "one hour": ("eine Stunde", "une heure", "una hora"),
    "{number} hours": ("{number} Stunden", "{number} heures", "{number} horas"),
    "one day": ("ein Tag", "un jour", "un día"),
    "{number} days": ("{number} Tage", "{number} jours", "{number} días"),
}

WINDOWS = {
    # Asking.
    "Find common ground": NAMES["Find common ground"],
    "What should the group agree on?": (
        "Worüber soll sich die Gruppe einigen?",
        "Sur quoi le groupe doit-il s'accorder ?",
        "¿Sobre qué debe ponerse de acuerdo el grupo?",
    ),
    "Background": ("Hintergrund", "Contexte", "Contexto"),
    "What everybody should know before they answer.": (
        "Was alle wissen sollten, bevor sie antworten.",
        "Ce que chacun doit savoir avant de répondre.",
        "Lo que todos deben saber antes de responder.",
    ),
    "Opinions until": ("Meinungen bis", "Avis jusqu'à", "Opiniones hasta"),
    "Without one: {time} from now. Time zone: {zone}.": (
        "Ohne Angabe: {time} ab jetzt. Zeitzone: {zone}.",
        "Sans cela : {time} à partir d'ici. Fuseau : {zone}.",
        "Sin esto: {time} desde ahora. Zona horaria: {zone}.",
    ),
    "Without one you close the question yourself. Time zone: {zone}.": (
        "Ohne Angabe schließt du die Frage selbst. Zeitzone: {zone}.",
        "Sans cela, tu clos la question. Fuseau : {zone}.",
        "Sin esto, cierras tú la pregunta. Zona horaria: {zone}.",
    ),
    "tomorrow 5pm · in 3 hours · friday 17:00": (
        "auf Englisch: tomorrow 5pm · in 3 hours · friday 17:00",
        "en anglais : tomorrow 5pm · in 3 hours · friday 17:00",
        "en inglés: tomorrow 5pm · in 3 hours · friday 17:00",
    ),
    "Opinions are": ("Meinungen sind", "Les avis sont", "Las opiniones son"),
    "It is rated by": ("Bewertet wird durch", "On note par", "Se valora con"),
    "Nobody sees who wrote what": (
        "Niemand sieht, wer was geschrieben hat",
        "Personne ne voit qui a écrit quoi",
        "Nadie ve quién escribió qué",
    ),
    "You see who wrote what; members are told before": (
        "Du siehst, wer was geschrieben hat; das wird vorher gesagt",
        "Tu vois qui a écrit quoi ; les membres le savent d'avance",
        "Ves quién escribió qué; los miembros lo saben antes",
    ),
    "Reactions when named, private buttons when anonymous": (
        "Reaktionen, wenn mit Namen; private Knöpfe, wenn anonym",
        "Réactions si nominatif, boutons privés si anonyme",
        "Reacciones si es con nombre, botones privados si es anónimo",
    ),
    "Nobody sees who chose what": (
        "Niemand sieht, wer was gewählt hat",
        "Personne ne voit qui a choisi quoi",
        "Nadie ve quién eligió qué",
    ),
    "Everybody sees who chose what; named questions only": (
        "Alle sehen, wer was gewählt hat; nur für Fragen mit Namen",
        "Chacun voit qui a choisi quoi ; questions nominatives seulement",
        "Todos ven quién eligió qué; solo preguntas con nombre",
    ),
    # Answering.
    "Your opinion": ("Deine Meinung", "Ton avis", "Tu opinión"),
    "Change your opinion": ("Ändere deine Meinung", "Modifie ton avis", "Cambia tu opinión"),
    "In your own words: what you think, and why.": (
        "In deinen Worten: was du denkst, und warum.",
        "Avec tes mots : ce que tu penses, et pourquoi.",
        "Con tus palabras: lo que piensas, y por qué.",
    ),
    "What you think, and why.": (
        "Was du denkst, und warum.",
        "Ce que tu penses, et pourquoi.",
        "Lo que piensas, y por qué.",
    ),
    "Before you answer: how far do you agree with this statement?": (
        "Bevor du antwortest: Wie weit stimmst du dieser Aussage zu?",
        "Avant de répondre : à quel point es-tu d'accord avec cette affirmation ?",
        "Antes de responder: ¿hasta qué punto estás de acuerdo con esta afirmación?",
    ),
    "How far do you agree?": (
        "Wie weit stimmst du zu?",
        "À quel point es-tu d'accord ?",
        "¿Hasta qué punto estás de acuerdo?",
    ),
    "This team lets Accord learn: opinions and ratings are kept under made-up names, and are erased with the "
    "question.": (
        "Hier darf Accord lernen: Meinungen und Bewertungen werden unter erfundenen Namen aufbewahrt und mit "
        "der Frage gelöscht.",
        "Ici, Accord peut apprendre : avis et notes sont gardés sous des noms inventés, et effacés avec la "
        "question.",
        "Aquí Accord puede aprender: opiniones y valoraciones se guardan con nombres inventados y se borran "
        "con la pregunta.",
    ),
    "Accord may learn from my opinion": (
        "Accord darf von meiner Meinung lernen",
        "Accord peut apprendre de mon avis",
        "Accord puede aprender de mi opinión",
    ),
    "Yes": ("Ja", "Oui", "Sí"),
    "No": ("Nein", "Non", "No"),
    # A server's settings: who and where.
    "Who may ask?": ("Wer darf fragen?", "Qui peut demander ?", "¿Quién puede preguntar?"),
    "Everyone": ("Alle", "Tout le monde", "Todos"),
    "The people chosen below, and admins": (
        "Die unten Gewählten, und Admins",
        "Les personnes choisies plus bas, et les admins",
        "Las personas elegidas abajo, y admins",
    ),
    "Admins only": ("Nur Admins", "Les admins seulement", "Solo admins"),
    "These people may ask": (
        "Diese Personen dürfen fragen",
        "Ces personnes peuvent demander",
        "Estas personas pueden preguntar",
    ),
    "These roles may ask": (
        "Diese Rollen dürfen fragen",
        "Ces rôles peuvent demander",
        "Estos roles pueden preguntar",
    ),
    "These roles run Accord here": (
        "Diese Rollen verwalten Accord hier",
        "Ces rôles gèrent Accord ici",
        "Estos roles gestionan Accord aquí",
    ),
    "Beside those who manage the server.": (
        "Neben denen, die den Server verwalten.",
        "Outre ceux qui gèrent le serveur.",
        "Además de quienes gestionan el servidor.",
    ),
    "In these channels": ("In diesen Kanälen", "Dans ces salons", "En estos canales"),
    "With their threads. Empty: everywhere.": (
        "Mit ihren Threads. Leer: überall.",
        "Avec leurs fils. Vide : partout.",
        "Con sus hilos. Vacío: en todas partes.",
    ),
    "{number} more are chosen and stay; Discord shows 25.": (
        "{number} weitere bleiben gewählt; Discord zeigt 25.",
        "{number} autres restent choisis ; Discord en montre 25.",
        "{number} más siguen elegidos; Discord muestra 25.",
    ),
    # New questions.
    "Hours that opinions are collected": (
        "Stunden, in denen gesammelt wird",
        "Heures pendant lesquelles on recueille",
        "Horas en que se recogen opiniones",
    ),
    "Such as 24, or 0.5 for half an hour. Empty: until somebody closes the question.": (
        "Etwa 24, oder 0.5 für eine halbe Stunde. Leer: bis jemand die Frage schließt.",
        "Par exemple 24, ou 0.5 pour une demi-heure. Vide : jusqu'à ce qu'on close la question.",
        "Por ejemplo 24, o 0.5 para media hora. Vacío: hasta que alguien cierre la pregunta.",
    ),
    "Close with so many opinions": (
        "Schließen bei so vielen Meinungen",
        "Clore avec tant d'avis",
        "Cerrar con tantas opiniones",
    ),
    "Fewest opinions for a statement": (
        "Meinungen, die es mindestens braucht",
        "Nombre minimal d'avis",
        "Mínimo de opiniones",
    ),
    "On a scale of": ("Auf einer Skala von", "Sur une échelle de", "En una escala de"),
    "Your own emoji, three or seven, written below": (
        "Eigene Emoji, drei oder sieben, unten geschrieben",
        "Vos propres émojis, trois ou sept, écrits plus bas",
        "Emojis propios, tres o siete, escritos abajo",
    ),
    "Your own emoji for the points": (
        "Eigene Emoji für die Stufen",
        "Vos propres émojis pour les degrés",
        "Emojis propios para los grados",
    ),
    "Three or seven, from disagreement to agreement, such as 🔴 🟡 🟢.": (
        "Drei oder sieben, von Ablehnung zu Zustimmung, etwa 🔴 🟡 🟢.",
        "Trois ou sept, du désaccord à l'accord, par exemple 🔴 🟡 🟢.",
        "Tres o siete, del desacuerdo al acuerdo, por ejemplo 🔴 🟡 🟢.",
    ),
    # Choosing and rating.
    "The chosen statement is": ("Die gewählte Aussage ist", "La déclaration choisie est", "La elegida es"),
    "The highest agreement on average": (
        "Die höchste Zustimmung im Schnitt",
        "Le plus grand accord en moyenne",
        "El mayor acuerdo en promedio",
    ),
    "Good on average and fair to everyone": (
        "Gut im Schnitt und gerecht zu allen",
        "Bonne en moyenne et juste pour tous",
        "Buena en promedio y justa con todos",
    ),
    "The least convinced member agrees most": (
        "Wer am wenigsten überzeugt ist, stimmt am meisten zu",
        "La personne la moins convaincue est la plus d'accord",
        "Quien está menos convencido es quien más acepta",
    ),
    "As set by alpha": ("Wie alpha sagt", "Selon alpha", "Según alfa"),
    "Between these; the number is asked for below": (
        "Dazwischen; die Zahl wird unten gefragt",
        "Entre les deux ; le nombre est demandé plus bas",
        "Entre estas; el número se pide abajo",
    ),
    "Inequality aversion (alpha)": (
        "Abneigung gegen Ungleichheit (alpha)",
        "Aversion à l'inégalité (alpha)",
        "Aversión a la desigualdad (alfa)",
    ),
    "For “As set by alpha”: 0 average, 1 balanced; higher counts the least convinced more.": (
        "Für „Wie alpha sagt“: 0 Schnitt, 1 ausgewogen; mehr zählt die am wenigsten Überzeugten stärker.",
        "Pour « Selon alpha » : 0 moyenne, 1 équilibre ; plus haut, les moins convaincus comptent plus.",
        "Para «Según alfa»: 0 promedio, 1 equilibrio; más alto, cuentan más los menos convencidos.",
    ),
    "Rating is open for": ("Bewertet wird so lange", "On peut noter pendant", "Se puede valorar durante"),
    "{time}, as it is now": ("{time}, wie bisher", "{time}, comme maintenant", "{time}, como ahora"),
    "Members see the ratings": (
        "Mitglieder sehen die Bewertungen",
        "Les membres voient les notes",
        "Los miembros ven las valoraciones",
    ),
    "After one's own rating": (
        "Nach der eigenen Bewertung",
        "Après avoir noté soi-même",
        "Tras valorar uno mismo",
    ),
    "When the vote has closed": (
        "Wenn die Abstimmung geschlossen ist",
        "Une fois le vote clos",
        "Cuando se cierra la votación",
    ),
    "At any time": ("Jederzeit", "À tout moment", "En todo momento"),
    # Taking part, keeping.
    "These roles take no part": (
        "Diese Rollen nehmen nicht teil",
        "Ces rôles ne participent pas",
        "Estos roles no participan",
    ),
    "Erase a question so many days after its end": (
        "So viele Tage nach dem Ende löschen",
        "Effacer tant de jours après la fin",
        "Borrar tantos días después del final",
    ),
    "Switches": ("Schalter", "Options", "Opciones"),
    "Remind members who have not answered": (
        "An fehlende Antworten erinnern",
        "Rappeler aux membres de répondre",
        "Recordar a quienes no han respondido",
    ),
    "Keep ratings to learn from": (
        "Bewertungen zum Lernen aufbewahren",
        "Garder les notes pour apprendre",
        "Guardar valoraciones para aprender",
    ),
    "Language": ("Sprache", "Langue", "Idioma"),
    "English": ("Englisch", "Anglais", "Inglés"),
    # A template.
    "Question template": ("Vorlage für eine Frage", "Modèle de question", "Plantilla de pregunta"),
    "Name": ("Name", "Nom", "Nombre"),
    "One with this name is replaced.": (
        "Eine mit diesem Namen wird ersetzt.",
        "Celui de ce nom est remplacé.",
        "La que tenga este nombre se reemplaza.",
    ),
    "Question": ("Frage", "Question", "Pregunta"),
    # Menus.
    "Take something out …": ("Etwas herausnehmen …", "Retirer quelque chose …", "Quitar algo …"),
    "How well is it put?": (
        "Wie gut ist es formuliert?",
        "Est-ce bien formulé ?",
        "¿Está bien formulado?",
    ),
    "Terrible": ("Furchtbar", "Terrible", "Pésimo"),
    "Bad": ("Schlecht", "Mauvais", "Malo"),
    "Somewhat bad": ("Eher schlecht", "Plutôt mauvais", "Más bien malo"),
    "Neither good nor bad": ("Weder gut noch schlecht", "Ni bon ni mauvais", "Ni bueno ni malo"),
    "Somewhat good": ("Eher gut", "Plutôt bon", "Más bien bueno"),
    "Good": ("Gut", "Bon", "Bueno"),
    "Excellent": ("Ausgezeichnet", "Excellent", "Excelente"),
}
