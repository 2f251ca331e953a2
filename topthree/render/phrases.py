"""The fixed words of a letter, one table a language."""

from __future__ import annotations

from dataclasses import dataclass

from topthree.domain.writing.item import Section

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """What the templates say by themselves; braces are filled in by name."""

    months: tuple[str, ...]
    #: Monday first.
    weekdays: tuple[str, ...]
    day_with_year: str
    day: str
    am: str
    pm: str
    #: From one on; higher counts are written in figures.
    counts: tuple[str, ...]
    resource: str
    reflection: str
    opportunity: str
    letter: str
    number: str
    reading_one: str
    reading_many: str
    closes: str
    closed: str
    at: str
    takes_place: str
    place: str
    picture: str
    next_letter: str
    reply: str
    why: str
    unsubscribe: str
    one_button: str
    on_the_web: str
    past_issues: str
    what_we_keep: str
    sample: str
    date: str
    corrected: str
    record: str
    record_corrected: str
    to_record: str
    to_page: str
    correction_subject: str
    correction_preheader: str
    correction_greeting: str
    correction_sent: str
    correction_of: str

    def section(self, section: Section) -> str:
        """Return the section's name as readers see it."""
        words = {
            Section.RESOURCE: self.resource,
            Section.REFLECTION: self.reflection,
            Section.OPPORTUNITY: self.opportunity,
        }
        return words[section]


_ENGLISH = Phrases(
    months=(
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    day_with_year="{weekday}, {month} {day}, {year}",
    day="{weekday}, {month} {day}",
    am="am",
    pm="pm",
    counts=(
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("eleven", "twelve"),
    ),
    resource="Resource",
    reflection="Reflection",
    opportunity="Opportunity",
    letter="letter",
    number="No. {number}",
    reading_one="one-minute read",
    reading_many="{minutes}-minute read",
    closes="Closes {day}",
    closed="Closed {day}",
    at="At {time}.",
    takes_place="Takes place on {day}.",
    place="Where: {place}.",
    picture="[Picture: {words}]",
    next_letter="The next letter comes on {day}.",
    reply="To answer an item or offer a reflection, just reply.",
    why="You get this because you subscribed to {name}. We do not see what you open or click.",
    unsubscribe="Unsubscribe from this letter",
    one_button="a page with one button",
    on_the_web="Read this letter on the web",
    past_issues="All past issues",
    what_we_keep="What we keep about you",
    sample="Sample text: the people, quotations, dates and numbers are made up.",
    date="{month} {day}, {year}",
    corrected="Corrected on {day}: {note}",
    record="This is the record: the letter as it was sent on {day}.",
    record_corrected="Its page was corrected afterwards.",
    to_record="Read it as it was sent",
    to_page="Read it as it stands now",
    correction_subject="Correction: {subject}",
    correction_preheader="What was wrong in our letter of {day}, and what is right.",
    correction_greeting="In our letter of {day}, “{subject}”, something was not right.",
    correction_sent="A correction was sent to its readers on {day}",
    correction_of="This corrects the letter of {day}",
)

_SPANISH = Phrases(
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
        *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    day_with_year="{weekday} {day} de {month} de {year}",
    day="{weekday} {day} de {month}",
    am="a.\xa0m.",
    pm="p.\xa0m.",
    counts=(
        *("un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
        *("once", "doce"),
    ),
    resource="Recurso",
    reflection="Reflexión",
    opportunity="Oportunidad",
    letter="carta",
    number="N.º {number}",
    reading_one="un minuto de lectura",
    reading_many="{minutes} minutos de lectura",
    closes="Cierra el {day}",
    closed="Cerró el {day}",
    at="A las {time}.",
    takes_place="Tiene lugar el {day}.",
    place="Lugar: {place}.",
    picture="[Imagen: {words}]",
    next_letter="La próxima carta llega el {day}.",
    reply="Para responder o para ofrecer una reflexión, conteste a este mensaje.",
    why="Recibe esta carta porque se suscribió a {name}. No vemos lo que abre ni en qué hace clic.",
    unsubscribe="Dejar de recibir esta carta",
    one_button="una página con un solo botón",
    on_the_web="Leer esta carta en la web",
    past_issues="Todas las cartas anteriores",
    what_we_keep="Qué guardamos sobre usted",
    sample="Texto de muestra: las personas, citas, fechas y cifras son inventadas.",
    date="{day} de {month} de {year}",
    corrected="Corregido el {day}: {note}",
    record="Este es el registro: la carta tal como se envió el {day}.",
    record_corrected="Su página se corrigió después.",
    to_record="Leerla tal como se envió",
    to_page="Leerla como está ahora",
    correction_subject="Corrección: {subject}",
    correction_preheader="Qué estaba mal en nuestra carta del {day} y qué es lo correcto.",
    correction_greeting="En nuestra carta del {day}, «{subject}», algo no estaba bien.",
    correction_sent="Se envió una corrección a sus lectores el {day}",
    correction_of="Esto corrige la carta del {day}",
)

_BY_LANGUAGE = {"en": _ENGLISH, "es": _SPANISH}


def phrases_for(language: str) -> Phrases:
    """Return the table for this language tag; English where there is none."""
    return _BY_LANGUAGE.get(language.partition("-")[0], _ENGLISH)


def direction(language: str) -> str:
    """Return the value of ``dir`` for this language tag."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
