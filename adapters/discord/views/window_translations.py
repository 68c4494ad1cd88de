"""What stands in windows and menus, in other languages: titles, labels, hints, placeholders, options.

Gives:  for each of our English texts the German, French and Spanish one, in the order of
        `translations.LANGUAGES`.
A part in braces differs from time to time (`localisation.PARTS`). Words that choices of commands or buttons
have as well stand in `translations`. Discord takes 45 characters for titles and labels, 100 for the others.
A test goes through every window and menu, and finds out what is missing or too long.
"""

from adapters.discord.views.translations import NAMES

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
    "Without one: you close the question yourself. Time zone: {zone}.": (
        "Ohne Angabe schließt du die Frage selbst. Zeitzone: {zone}.",
        "Sans cela, tu clos la question. Fuseau : {zone}.",
        "Sin esto, cierras tú la pregunta. Zona horaria: {zone}.",
    ),
    "tomorrow 5pm · in 3 hours · friday 17:00": (
        "morgen 17 Uhr · in 3 Stunden · Freitag 17:00",
        "demain 17h · dans 3 heures · vendredi 17:00",
        "mañana 17:00 · en 3 horas · viernes 17:00",
    ),
    "Opinions are": ("Meinungen sind", "Les avis sont", "Las opiniones son"),
    "It is rated by": ("Bewertet wird durch", "On note par", "Se valora con"),
    "Anonymous questions always show them when the vote is closed.": (
        "Anonyme Fragen zeigen sie immer erst, wenn die Abstimmung geschlossen ist.",
        "Les questions anonymes les montrent toujours à la clôture du vote.",
        "Las preguntas anónimas siempre las muestran al cerrar la votación.",
    ),
    "Opinions are anonymous: nobody sees who wrote what, and names are not kept. The person who "
    "asked and admins can read all opinions once there is a statement or the question has ended.": (
        "Meinungen sind anonym: Niemand sieht, wer was geschrieben hat, und Namen werden nicht "
        "aufbewahrt. Wer gefragt hat und Admins können alle Meinungen lesen, sobald es eine Erklärung"
        " gibt oder die Frage zu Ende ist.",
        "Les avis sont anonymes : personne ne voit qui a écrit quoi, et les noms ne sont pas gardés. "
        "La personne qui a posé la question et les admins peuvent lire tous les avis dès qu'il y a "
        "une déclaration ou que la question est finie.",
        "Las opiniones son anónimas: nadie ve quién escribió qué, y los nombres no se guardan. Quien "
        "preguntó y los admins pueden leer todas las opiniones cuando hay una declaración o la "
        "pregunta ha terminado.",
    ),
    "Opinions are named: your name is kept with your opinion, and the people who run this question see it.": (
        "Meinungen sind namentlich: Dein Name wird mit deiner Meinung aufbewahrt, und wer die Frage "
        "leitet, sieht ihn.",
        "Les avis sont nominatifs : ton nom est gardé avec ton avis, et ceux qui gèrent cette "
        "question le voient.",
        "Las opiniones llevan nombre: tu nombre se guarda con tu opinión, y quienes llevan esta "
        "pregunta lo ven.",
    ),
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
    "Accord keeps what you write until {time} after the question ends, then deletes it.": (
        "Was du schreibst, bewahrt Accord nach dem Ende der Frage noch auf ({time}) und löscht es dann.",
        "Accord garde ce que tu écris jusqu'à {time} après la fin de la question, puis l'efface.",
        "Accord guarda lo que escribes hasta {time} después de terminar la pregunta y luego lo borra.",
    ),
    "If you agree, your opinion and ratings here are kept to improve Accord, under a made-up name, and are "
    "deleted with the question. You can take part either way.": (
        "Wenn du zustimmst, werden deine Meinung und deine Bewertungen hier unter einem erfundenen Namen "
        "aufbewahrt, um Accord zu verbessern, und mit der Frage gelöscht. Mitmachen kannst du so oder so.",
        "Si tu es d’accord, ton avis et tes notes ici sont gardés sous un nom inventé pour améliorer Accord, "
        "et supprimés avec la question. Tu peux participer dans tous les cas.",
        "Si estás de acuerdo, tu opinión y tus valoraciones se guardan aquí con un nombre inventado para "
        "mejorar Accord y se borran con la pregunta. Puedes participar de todos modos.",
    ),
    "An AI model ({model}) reads what you write and drafts the statement, which may use your words without "
    "your name.": (
        "Ein KI-Modell ({model}) liest, was du schreibst, und entwirft die Erklärung; sie kann deine Worte "
        "verwenden, ohne deinen Namen.",
        "Un modèle d'IA ({model}) lit ce que tu écris et rédige la déclaration, qui peut reprendre tes mots "
        "sans ton nom.",
        "Un modelo de IA ({model}) lee lo que escribes y redacta la declaración, que puede usar tus palabras "
        "sin tu nombre.",
    ),
    "An AI model ({model}) reads what you write to predict how far each member would agree.": (
        "Ein KI-Modell ({model}) liest, was du schreibst, und sagt voraus, wie weit alle zustimmen würden.",
        "Un modèle d'IA ({model}) lit ce que tu écris pour prévoir à quel point chacun serait d'accord.",
        "Un modelo de IA ({model}) lee lo que escribes para prever cuánto estaría de acuerdo cada miembro.",
    ),
    "Another AI model ({model}) reads it to predict how far each member would agree.": (
        "Ein weiteres KI-Modell ({model}) liest es und sagt voraus, wie weit alle zustimmen würden.",
        "Un autre modèle d'IA ({model}) le lit pour prévoir à quel point chacun serait d'accord.",
        "Otro modelo de IA ({model}) lo lee para prever cuánto estaría de acuerdo cada miembro.",
    ),
    "If the AI model is down, the result quotes your words, without your name.": (
        "Ist das KI-Modell nicht erreichbar, zitiert das Ergebnis deine Worte, ohne deinen Namen.",
        "Si le modèle d'IA est hors service, le résultat cite tes mots, sans ton nom.",
        "Si el modelo de IA no responde, el resultado cita tus palabras, sin tu nombre.",
    ),
    "No AI model writes the result: it quotes your words, without your name.": (
        "Kein KI-Modell schreibt das Ergebnis: Es zitiert deine Worte, ohne deinen Namen.",
        "Aucun modèle d'IA n'écrit le résultat : il cite tes mots, sans ton nom.",
        "Ningún modelo de IA escribe el resultado: cita tus palabras, sin tu nombre.",
    ),
    "If one is set up later, it doesn't read this.": (
        "Wird später eines eingerichtet, liest es dies nicht.",
        "S'il en est configuré un plus tard, il ne lit pas ceci.",
        "Si más tarde se configura uno, no leerá esto.",
    ),
    "If a model is set up anywhere else later, it doesn't read this.": (
        "Wird später anderswo ein Modell eingerichtet, liest es dies nicht.",
        "Si un modèle est configuré ailleurs plus tard, il ne lit pas ceci.",
        "Si más tarde se configura un modelo en otro lugar, no leerá esto.",
    ),
    "If it replaces the one that drafts, the result quotes your words, without your name.": (
        "Ersetzt es das, das den Entwurf schreibt, zitiert das Ergebnis deine Worte, ohne deinen Namen.",
        "S'il remplace celui qui rédige, le résultat cite tes mots, sans ton nom.",
        "Si sustituye al que redacta, el resultado cita tus palabras, sin tu nombre.",
    ),
    "An AI model may read what you write. If none does, the result quotes your words, without your name.": (
        "Ein KI-Modell liest vielleicht, was du schreibst. Wenn nicht, zitiert das Ergebnis deine Worte, "
        "ohne deinen Namen.",
        "Un modèle d'IA lira peut-être ce que tu écris. Sinon, le résultat cite tes mots, sans ton nom.",
        "Quizá un modelo de IA lea lo que escribes. Si no, el resultado cita tus palabras, sin tu nombre.",
    ),
    "Accord may learn from my opinion and ratings": (
        "Accord darf aus dem lernen, was ich abgebe",
        "Accord peut apprendre de mes réponses",
        "Accord puede aprender de mis respuestas",
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
    "As well as those who manage the server.": (
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
    "Close early after this many answers": (
        "Früher schließen bei so vielen Meinungen",
        "Clore plus tôt avec tant d'avis",
        "Cerrar antes con tantas opiniones",
    ),
    "Fewest opinions for a statement": (
        "Meinungen, die es mindestens braucht",
        "Nombre minimal d'avis",
        "Mínimo de opiniones",
    ),
    "If fewer people answer, no statement is written.": (
        "Antworten weniger, wird keine Aussage geschrieben.",
        "Avec moins de réponses, rien n'est rédigé.",
        "Si responden menos, no se redacta nada.",
    ),
    "Hours to keep trying if drafting fails": (
        "Stunden für neue Versuche beim Entwerfen",
        "Heures de nouveaux essais de rédaction",
        "Horas de nuevos intentos de redacción",
    ),
    "0: don't try again. The person who asked still can.": (
        "0: kein neuer Versuch, bis die fragende Person einen startet.",
        "0 : plus d'essai, jusqu'à ce que la personne qui a demandé en lance un.",
        "0: ningún intento más, hasta que quien preguntó inicie uno.",
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
    "Days to keep a question after it ends": (
        "Tage, die eine Frage nach dem Ende bleibt",
        "Jours de conservation après la fin",
        "Días que se guarda tras terminar",
    ),
    "Then its opinions and ratings are deleted. More days only apply to questions that open later.": (
        "Dann werden Meinungen und Bewertungen gelöscht. Für vorhandene Fragen gilt nur weniger.",
        "Ensuite, avis et notes sont effacés. Pour les questions déjà posées, seul moins de jours vaut.",
        "Después se borran opiniones y valoraciones. Para las preguntas que ya hay solo valen menos días.",
    ),
    "Show private ratings from this many on": (
        "Private Bewertungen zeigen ab",
        "Montrer les notes privées à partir de",
        "Mostrar valoraciones privadas desde",
    ),
    "With fewer, only the count is shown. This also applies to votes that are still open.": (
        "Bei weniger nur ihre Zahl. Das gilt auch für Abstimmungen, die noch laufen.",
        "En dessous, seul leur nombre est montré. Cela vaut aussi pour les votes en cours.",
        "Con menos solo se muestra cuántas son. Vale también para las votaciones en curso.",
    ),
    "Switches": ("Schalter", "Options", "Opciones"),
    "Remind members who have not answered or rated": (
        "Ans Antworten und Bewerten erinnern",
        "Rappeler de répondre et de noter",
        "Recordar que respondan y valoren",
    ),
    "Keep ratings to learn from": (
        "Bewertungen zum Lernen aufbewahren",
        "Garder les notes pour apprendre",
        "Guardar valoraciones para aprender",
    ),
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
