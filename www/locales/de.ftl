### German. Anrede: „Sie“. Feste Wörter: enrol = erfassen, sample = Aufnahme, template = Vorlage,
### verify = prüfen, engine = Rechenkern, stranger = Fremder.

## The page

page-title = facekey – Gesichtsprüfung auf diesem Gerät
page-description =
    .content = Ein Gesicht erfassen und später prüfen, vollständig in diesem Browser.
tagline = Gesichtsprüfung, die auf diesem Gerät bleibt
skip-link = Zu den Aufgaben springen
## The first screen

welcome-heading = Ihr Gesicht wird nur auf diesem Gerät erkannt
welcome-lead =
    Diese Seite lernt Ihr Gesicht und erkennt es später wieder. Alles läuft in Ihrem Browser, und
    kein Bild verlässt dieses Gerät.
welcome-step-enrol = Erfassen.
welcome-step-enrol-text = Schauen Sie etwa 20 Sekunden in die Kamera und drehen Sie dabei den Kopf ein wenig.
welcome-step-verify = Prüfen.
welcome-step-verify-text = Folgen Sie den Anweisungen und sehen Sie, ob Sie erkannt werden.
welcome-step-keep = Die Kontrolle behalten.
welcome-step-keep-text = Ihre Daten werden nur in diesem Browser verschlüsselt gespeichert. Ein Klick löscht sie.
welcome-start = Ihr Gesicht erfassen
welcome-drawn = Mit einem gezeichneten Gesicht testen
reliance-heading = Wofür sich die Seite eignet
reliance-yes = Sie können ausprobieren, wie eine Gesichtsprüfung funktioniert, und sie auf dem eigenen Gerät zur Bequemlichkeit nutzen.
reliance-no =
    Verwenden Sie die Seite nicht, um etwas zu schützen. Das Gesichtsmodell dient nur der
    Vorführung. Es macht Fehler, und bei manchen Gruppen von Menschen mehr als bei anderen. Es kann
    eine Aufnahme oder jemanden aus der Verwandtschaft annehmen. Verwenden Sie zum Schutz einen
    Passkey.
disclaimer =
    Ein Gesichtsvergleich auf einer Webseite ist eine Annehmlichkeit und kein Nachweis der
    Identität: Eine Aufnahme des Gesichts oder jemand aus der Verwandtschaft kann angenommen werden.
    Verwenden Sie zum Anmelden einen Passkey.
language = Sprache
needs-javascript = Diese Seite braucht JavaScript.
cancel = Abbrechen
close = Schließen

## Parts of messages

title-and-text = { $title }. { $text }
sentences = { $first } { $second }
one-in = 1 von { NUMBER($count, maximumFractionDigits: 1) }
kilobytes = { $size } kB
megabytes = { NUMBER($size, minimumFractionDigits: 1, maximumFractionDigits: 1) } MB
milliseconds = { NUMBER($time, maximumFractionDigits: 1) } ms

## The camera's picture

camera-starting = Die Kamera wird eingeschaltet
camera-starting-text =
    Erlauben Sie sie, wenn der Browser fragt. Bilder werden auf diesem Gerät verarbeitet und
    nicht gespeichert.
camera-again = Erneut versuchen
camera-choice = Kamera
camera-speak = Anweisungen vorlesen
camera-progress = Fortschritt
targets-reached = { $done } von { $all } Zielen
looks-taken = { $done } von { $all } fertig
pictures-taken = { $done } von { $all } Bildern
load-progress =
    .aria-label = Das Gesichtsmodell wird geladen

## What to do about the camera's picture

guidance-no-face = Kein Gesicht im Bild. Schauen Sie zur Kamera.
guidance-several-faces = Mehrere Gesichter im Bild. Bitte nur eine Person.
guidance-too-small = Kommen Sie etwas näher.
guidance-too-dark = Es ist zu dunkel. Wenden Sie sich zum Licht.
guidance-too-bright = Es ist zu hell. Gehen Sie aus dem direkten Licht.
guidance-blurred = Das Bild ist unscharf. Halten Sie still oder wischen Sie die Linse ab.
guidance-turned-away = Schauen Sie gerade in die Kamera.
guidance-covered = Etwas bedeckt Ihr Gesicht. Nehmen Sie es bitte weg.
guidance-cut-off = Rücken Sie so, dass Ihr ganzes Gesicht zu sehen ist.
guidance-too-close = Gehen Sie etwas zurück.
guidance-hold-still = Halten Sie den Kopf still.
guidance-again = Diese Bewegung zählte nicht. Bewegen Sie den Kopf langsam und gerade zum nächsten Ziel.
guidance-good = Gut. Halten Sie still.

## A new version

update-ready = Eine neue Version dieser Seite ist da.
update-now = Jetzt verwenden

## The two tasks

task-choice = Was möchten Sie tun?
task-verify = Prüfen
task-enrol = Erfassen
task-compare = Vergleichen

## If a passphrase locks the enrolled people

locked-heading = Die erfassten Personen sind gesperrt
locked-passphrase = Passphrase
locked-unlock = Entsperren
locked-forgotten =
    Wenn Sie sie vergessen haben, kann niemand die gespeicherten Daten wiederherstellen. Löschen
    Sie dann unter „Was hier gespeichert ist“ alles und erfassen Sie alle Personen erneut.

## Verifying

verify-heading = Wer ist das?
verify-whom = Vergleichen mit
verify-anyone = Allen erfassten Personen
verify-strictness = Strenge: wie viele Fremde durchkommen dürfen
verify-movement-hint =
    Ein Punkt auf dem Bildschirm folgt Ihrem Kopf. Bringen Sie ihn nacheinander in drei Kreise.
    Ein Foto von Ihnen kann das nicht. Diese Prüfung wird noch erprobt.
verify-skip = Bewegungsprüfung auslassen
verify-skip-hint = Im Ergebnis steht dann: weniger Sicherheit
verify-skip-once = Ohne Bewegungsprüfung
verify-camera = Mit der Kamera prüfen
verify-photo = Foto verwenden
verify-nobody = Erfassen Sie zuerst eine Person.

strictness = { one-in }: { $name }
level-trial = nur zum Ausprobieren
level-basic = einfach
level-strong = streng, wie vom NIST gefordert
level-highest = sehr streng
strictness-unmeasured = { one-in }: für dieses Gesichtsmodell nicht gemessen

wait-seconds =
    { $seconds ->
        [one] Zu viele Fehlversuche. Der nächste ist in { $seconds } Sekunde möglich.
       *[other] Zu viele Fehlversuche. Der nächste ist in { $seconds } Sekunden möglich.
    }
wait-minutes =
    { $minutes ->
        [one] Zu viele Fehlversuche. Der nächste ist in { $minutes } Minute möglich.
       *[other] Zu viele Fehlversuche. Der nächste ist in { $minutes } Minuten möglich.
    }
wait-for-passphrase =
    Zu viele Fehlversuche. Laden Sie die Seite neu und geben Sie die Passphrase ein, oder löschen
    Sie alles und erfassen Sie alle Personen erneut.

## The movement check. Left and right are the person's own.

ask-neutral = Schauen Sie gerade in die Kamera
ask-turn-left = Drehen Sie den Kopf langsam nach links
ask-turn-right = Drehen Sie den Kopf langsam nach rechts
ask-look-up = Heben Sie langsam das Kinn
ask-look-down = Senken Sie langsam das Kinn
ask-hold = Gut
target-number = Ziel { $number }

movement-timeout = Der Kreis wurde nicht rechtzeitig erreicht.
movement-face-lost = Ihr Gesicht war nicht mehr im Bild.
movement-several-faces = Jemand anderes kam ins Bild.
movement-face-changed = Das Gesicht blieb nicht dasselbe.
movement-jumped = Das Gesicht war plötzlich an einer anderen Stelle.
movement-moved-early = Der Kopf bewegte sich, bevor das Ziel gezeigt wurde.
movement-wrong-movement = Der Kopf bewegte sich anders als verlangt.
movement-flat = Das Gesicht sah flach aus wie ein Foto. Mehr Licht kann helfen.
movement-stalled = Dieses Gerät zeigt die Bilder der Kamera zu langsam für die Bewegungsprüfung.

liveness-live = Der Kopf vor der Kamera folgte den Anweisungen.
liveness-unchecked = Weniger Sicherheit: Die Bewegungsprüfung wurde ausgelassen, es kann also ein Foto gewesen sein.
liveness-photo = Weniger Sicherheit: Das war ein Foto. Es zeigt nicht, dass die Person hier ist.

## The result of a comparison

result =
    .aria-label = Ergebnis
result-accepted = Angenommen
result-refused = Abgelehnt
result-undecided = Keine Entscheidung
result-match = Das ist { $name }
result-other = Nicht als { $name } erkannt
result-nobody = Keine der erfassten Personen passt

chance-most = Die meisten Fremden kämen { $name } so nahe.
chance-about = Etwa { one-in } Fremden käme { $name } so nahe.
chance-fewer = Weniger als { one-in } Fremden käme { $name } so nahe.
chance-unknown = Wie viele Fremde { $name } so nahe kommen, wurde nicht gemessen.
chance-limit = Die Grenze für die Annahme ist { one-in }.
result-compared =
    { $people ->
        [one] Mit { $people } Person verglichen.
       *[other] Mit { $people } Personen verglichen. Etwa { one-in } Fremden käme einer von ihnen so nahe.
    }

scale-closer = ähnlicher
scale-further = verschiedener
scale-within = Auf einer Skala von demselben Bild bis zu Fremden liegt der Vergleich innerhalb der Grenze.
scale-beyond = Auf einer Skala von demselben Bild bis zu Fremden liegt der Vergleich jenseits der Grenze.

undecided-picture = Das Bild ist nicht gut genug
undecided-compared = Es wurde nichts verglichen.

## Enrolling

enrol-heading = Eine Person erfassen
enrol-heading-again = { $name } erneut erfassen
enrol-name = Name
enrol-period = Aufbewahren
period-30 = 30 Tage
period-182 = 6 Monate
period-365 = 1 Jahr
period-0 = Bis zum Löschen
enrol-kept =
    In diesem Browser werden verschlüsselt aufbewahrt: der Name und einige Listen aus 128 Zahlen,
    die aus dem Gesicht berechnet werden.
enrol-kept-until = Ab dem { DATETIME($date, dateStyle: "medium") } werden sie nicht mehr verwendet.
enrol-kept-always = Sie bleiben, bis Sie sie löschen.
enrol-rights =
    Sie können sie jederzeit löschen. Fotos werden nie aufbewahrt, und nichts wird verschickt.
enrol-consent = Das ist mein Gesicht, oder die Person ist mit der Aufbewahrung einverstanden.
enrol-camera = Mit der Kamera erfassen
enrol-photos = Fotos verwenden
enrol-looks =
    Die Seite bittet Sie, in fünf Richtungen zu schauen: geradeaus, zu beiden Seiten, nach oben
    und nach unten. Wenn Sie den Kopf nicht drehen können, bleiben Sie, wie Sie sind: Es geht
    von selbst weiter.
enrolled = { $name } ist erfasst.
enrol-done = Fertig
enrol-try = Jetzt ausprobieren
enrol-nothing-saved = Es wurde nichts gespeichert.

pose-straight = Schauen Sie gerade in die Kamera.
pose-left = Drehen Sie den Kopf ein wenig nach links.
pose-right = Drehen Sie den Kopf ein wenig nach rechts.
pose-up = Heben Sie das Kinn ein wenig.
pose-down = Senken Sie das Kinn ein wenig.

advice-come-closer = Kommen Sie etwas näher.
advice-move-back = Gehen Sie etwas zurück.
advice-more-light = Es ist dunkel: Wenden Sie sich zum Licht.
advice-less-light = Es ist hell: Wenden Sie sich vom Licht ab.

## Questions at an enrolment

question-double =
    .title = Ist das { $name }?
    .text =
        Das Gesicht sieht aus wie das von { $name }; diese Person ist schon erfasst. Für neue
        Aufnahmen brechen Sie ab und wählen in der Liste „Erneut erfassen“.
    .yes = Auch unter diesem Namen erfassen
question-stranger =
    .title = Ist das wirklich { $name }?
    .text = Das Gesicht sieht nicht aus wie das von { $name }. Die bisherigen Aufnahmen gingen verloren.
    .yes = Aufnahmen von { $name } ersetzen

## Photo files

photos-progress =
    { $all ->
        [one] { $done } von { $all } Foto angesehen
       *[other] { $done } von { $all } Fotos angesehen
    }
photo-report = { $file }: { $outcome }
good-photo-used = verwendet.
good-photo-repeat = dasselbe Bild wie ein anderes, es bringt also nichts Neues.
good-photo-spare = gut, aber die anderen bringen mehr.

photo-unusable = Dieses Foto ist nicht verwendbar
bad-photo-no-face = Es wurde kein Gesicht darin gefunden.
bad-photo-several-faces = Es zeigt mehrere Gesichter, und keines wurde ausgewählt.
bad-photo-too-small = Das Gesicht ist zu klein.
bad-photo-too-dark = Das Gesicht ist zu dunkel.
bad-photo-too-bright = Das Gesicht ist zu hell.
bad-photo-blurred = Das Gesicht ist unscharf.
bad-photo-turned-away = Das Gesicht ist abgewandt.
bad-photo-covered = Etwas bedeckt das Gesicht.
bad-photo-cut-off = Ein Teil des Gesichts liegt außerhalb des Bildes.
bad-photo-photo-too-large = Die Datei ist zu groß. Lesbar sind Fotos bis 64 Megapixel und 50 MB.
bad-photo-photo-unreadable = Diese Datei ist kein Bild, das dieser Browser lesen kann.
bad-photo-photo-format = Das ist eine { $detail }-Datei, die dieser Browser nicht lesen kann. Speichern Sie sie als JPEG und wählen Sie diese.
bad-photo-image-too-large = Das Bild ist zu groß.
photo-looking = Das Foto wird angesehen
photos-go-on =
    { $count ->
        [one] Mit dem Foto weitermachen
       *[other] Mit den { $count } Fotos weitermachen
    }
pick-face = Welches Gesicht ist gemeint?
pick-face-text = Tippen Sie es an.
pick-face-label = Gesicht { $number } von { $all }
pick-face-proposed = Das größte
pick-face-none = Keines davon
## Comparing two photos

compare-heading = Zeigen diese Fotos dieselbe Person?
compare-hint = Wählen Sie zwei Fotos. Niemand wird erfasst, und nichts wird gespeichert.
compare-first = Erstes Foto
compare-second = Zweites Foto
compare-change = Anderes Foto
compare-drawn = Ein gezeichnetes Gesicht verwenden
compare-no-picture = Keine Vorschau
compare-same = Wahrscheinlich dieselbe Person.
compare-different = Wahrscheinlich zwei verschiedene Personen.
compare-other-photo = der Person auf dem ersten Foto

## The list of enrolled people

people-heading = Erfasste Personen
people-nobody = Noch ist niemand erfasst.
undo = Rückgängig
deleted-names =
    { $count ->
        [one] Gelöscht.
       *[other] { $count } gelöscht.
    }
person-enrol-again = Erneut erfassen
    .aria-label = Erneut erfassen: { $name }
person-rename = Umbenennen
    .aria-label = { $name } umbenennen
person-delete = Löschen
    .aria-label = { $name } löschen
samples =
    { $samples ->
        [one] { $samples } Aufnahme
       *[other] { $samples } Aufnahmen
    }
person-facts = { samples }, { DATETIME($date, dateStyle: "medium") }
person-facts-until = { samples }, { DATETIME($date, dateStyle: "medium") }, bis { DATETIME($end, dateStyle: "medium") }
person-other-model = Mit einem anderen Gesichtsmodell erstellt: zum Vergleichen erneut erfassen
person-expired = Abgelaufen am { DATETIME($end, dateStyle: "medium") }: wird nicht mehr verwendet. Löschen oder erneut erfassen

aside-record-damaged = Beschädigter Eintrag
    .text = Im Speicher verändert oder abgeschnitten: wird nie verglichen
aside-record-newer = Neuerer Eintrag
    .text = Von einer neueren Version dieser Seite: zum Verwenden neu laden

question-rename =
    .title = { $name } umbenennen
    .yes = Umbenennen
question-delete =
    .title = { $name } löschen?
    .text = Der Name und die Gesichtsdaten werden aus diesem Browser entfernt.
    .yes = Löschen
delete-expired = { $count } abgelaufene löschen
question-delete-expired =
    .title =
        { $count ->
            [one] { $count } abgelaufenen Eintrag löschen?
           *[other] { $count } abgelaufene Einträge löschen?
        }
    .text = { $names }
    .yes = Löschen

## The checks made on this device

history-heading = Letzte Prüfungen
history-none = Noch keine. Sie werden nur hier aufbewahrt, verschlüsselt.
history-clear = Liste leeren
history-verdict-accepted = { $name }: erkannt
history-verdict-refused = { $name }: nicht erkannt
history-how-live = { DATETIME($date, dateStyle: "medium", timeStyle: "short") }, mit Bewegungsprüfung
history-how-unchecked = { DATETIME($date, dateStyle: "medium", timeStyle: "short") }, ohne Bewegungsprüfung
history-how-photo = { DATETIME($date, dateStyle: "medium", timeStyle: "short") }, von einem Foto

## The vault: a private note and files

vault-heading = Private Notiz
vault-hint =
    Eine Notiz und Dateien, verschlüsselt mit einem Passkey oder einer Passphrase. Ein erkanntes
    Gesicht öffnet nichts: Es zeigt nur wieder, was Sie schon geöffnet haben, solange diese
    Seite offen bleibt.
vault-make-passkey = Mit einem Passkey schützen
vault-make-passphrase = Mit einer Passphrase schützen
vault-note = Notiz
vault-save = Speichern
vault-add = Dateien hinzufügen
vault-cover = Verbergen
vault-covered = Verborgen. Prüfen Sie sich mit der Kamera, um die Notiz wieder zu sehen, oder öffnen Sie sie.
vault-open = Öffnen
vault-remove = Notiz und Dateien löschen
vault-saved = Verschlüsselt gespeichert.
vault-drop-file = Löschen
    .aria-label = { $name } löschen
question-vault =
    .title = Mit einer Passphrase schützen
    .text = Sie verschlüsselt die Notiz und die Dateien. Niemand kann sie wiederherstellen.
    .yes = Schützen
question-vault-open =
    .title = Private Notiz öffnen
    .text = Geben Sie ihre Passphrase ein.
    .yes = Öffnen
question-vault-remove =
    .title = Notiz und Dateien löschen?
    .text = Sie lassen sich nicht wiederherstellen.
    .yes = Löschen

## What is kept in this browser

kept-heading = Was hier gespeichert ist

kept-templates = Personen
kept-templates-locked = gesperrt
people =
    { $people ->
        [one] { $people } Person
       *[other] { $people } Personen
    }
people-and-aside = { people }, { $aside } unbrauchbar
kept-encrypted = Verschlüsselt
kept-encrypted-passphrase = mit Ihrer Passphrase
kept-encrypted-browser = mit einem Schlüssel, der diesen Browser nie verlässt
kept-time = Aufbewahrt
kept-time-promised = bis Sie es löschen; das verspricht der Browser
kept-time-unsure =
    der Browser kann es entfernen, wenn der Platz knapp wird oder die Seite nicht besucht wird;
    bewahren Sie einen Export auf
kept-time-unknown = dieser Browser sagt nicht, wie lange
kept-page = Diese Seite
kept-page-offline = auch gespeichert, sie öffnet sich ohne Netz
kept-page-online = nicht gespeichert: Zum Öffnen braucht sie das Netz
kept-room = Belegter Speicher
kept-room-unknown = dieser Browser nennt ihn nicht
receipt-foreign =
    { $count ->
        [one] { $count } Anfrage ging seit { DATETIME($since, timeStyle: "short") } an eine andere Website.
       *[other] { $count } Anfragen gingen seit { DATETIME($since, timeStyle: "short") }, als diese Seite geladen wurde, an andere Websites.
    }
receipt-own = Anfragen nach eigenen Dateien der Seite: { $own }. Anfragen, nachdem die Seite bereit war: { $later }. Gezählt hat der Browser.

## The owner's settings

owner-heading = Einstellungen für Besitzer
owner-hint = Sie gelten für alle vor der Kamera. Ist eine Passphrase gesetzt, kann nur ändern, wer sie kennt.
owner-least = Geringste erlaubte Strenge
owner-skip = Auslassen der Bewegungsprüfung und Fotos erlauben
owner-search = Vergleichen mit allen erlauben
owner-idle = Erneut nach der Passphrase fragen nach
idle-5 = 5 Minuten ohne Benutzung
idle-15 = 15 Minuten ohne Benutzung
idle-60 = 1 Stunde ohne Benutzung
idle-0 = Nur beim Öffnen der Seite
owner-save = Speichern
owner-saved = Gespeichert.
question-owner =
    .title = Sind Sie Besitzer?
    .text = Geben Sie die Passphrase ein, um die Einstellungen zu speichern.
    .yes = Speichern

## The passphrase

passphrase-current = Aktuelle Passphrase
passphrase-new = Neue Passphrase
passphrase-repeat = Passphrase wiederholen
passphrase-of-file = Passphrase der Datei
passphrase-set = Passphrase setzen
passphrase-change = Passphrase ändern
passphrase-remove = Passphrase entfernen
lock = Jetzt sperren
question-passphrase-set =
    .title = Passphrase setzen
    .text = Sie wird verlangt, wenn die Seite geöffnet wird. Niemand kann sie wiederherstellen: Bewahren Sie sie gut auf.
    .yes = Setzen
    .done = Die Passphrase ist gesetzt.
question-passphrase-change =
    .title = Passphrase ändern
    .text = Alles wird mit einem neuen Schlüssel neu verschlüsselt.
    .yes = Ändern
    .done = Die Passphrase ist geändert.
question-passphrase-remove =
    .title = Passphrase entfernen?
    .text = Das Gespeicherte bleibt verschlüsselt, aber wer diesen Browser öffnet, kann es verwenden.
    .yes = Entfernen
    .done = Die Passphrase ist entfernt.

## Export and import of a file

export = In Datei exportieren
question-export =
    .title = In eine Datei exportieren
    .text =
        { $people ->
            [one] { $people } Person, verschlüsselt mit einer eigenen Passphrase.
           *[other] { $people } Personen, verschlüsselt mit einer eigenen Passphrase.
        }
    .yes = Exportieren
exported = { $file } liegt nun bei Ihren Downloads.
export-damaged =
    { $entries ->
        [one] { $entries } beschädigter Eintrag wird nicht exportiert.
       *[other] { $entries } beschädigte Einträge werden nicht exportiert.
    }
import = Aus Datei importieren
question-import =
    .title = Aus einer Datei importieren
    .text = Geben Sie die Passphrase ein, die beim Export gewählt wurde.
    .yes = Importieren
question-replace =
    .title =
        { $count ->
            [one] Aufnahmen von { $names } ersetzen?
           *[other] Aufnahmen von { $count } Personen ersetzen?
        }
    .text = Die Datei enthält neuere Aufnahmen von { $names }. Danach wird die Person auf diesen Aufnahmen erkannt.
    .yes = Ersetzen
imported-nothing = Es wurde nichts importiert.
imported =
    { $people ->
        [one] { $people } Person importiert, { $known } schon hier.
       *[other] { $people } Personen importiert, { $known } schon hier.
    }
imported-replacing =
    { $people ->
        [one] { $people } Person importiert, { $replaced } durch neuere Aufnahmen ersetzt, { $known } schon hier.
       *[other] { $people } Personen importiert, { $replaced } durch neuere Aufnahmen ersetzt, { $known } schon hier.
    }

## The deletion of everything

delete-all = Alles löschen
question-delete-all =
    .title = Alles löschen?
    .text =
        Alle Namen und Gesichtsdaten, die Schlüssel, die Einstellungen und die gespeicherten Kopien
        dieser Seite werden aus diesem Browser entfernt.
    .yes = Alles löschen
deleted = Gelöscht: { $what }. Eine zweite Prüfung fand nichts mehr.
deleted-partly =
    Gelöscht: { $what }. Noch hier: { $left }. Schließen Sie die anderen Tabs dieser Seite. Wenn
    das nicht hilft, versuchen Sie es noch einmal.
deleted-people = alle Personen und Schlüssel
deleted-databases =
    { $count ->
        [one] { $count } Datenbank
       *[other] { $count } Datenbanken
    }
deleted-caches = { $count } Zwischenspeicher
deleted-settings =
    { $count ->
        [one] { $count } Einstellung
       *[other] { $count } Einstellungen
    }
deleted-workers = { $count } Service Worker

## The engine and the face model

engine-downloading = Das Gesichtsmodell wird geladen
engine-downloading-amount = Das Gesichtsmodell wird geladen: { $amount }
amount-of = { $received } von { $total }
engine-starting = Der Rechenkern startet
engine-ready =
    { $backend ->
        [webgpu] Berechnet auf der GPU
       *[cpu] Berechnet auf der CPU
    }
engine-ready-timed = { engine-ready }, { $time } je Gesicht
backend-cpu = CPU
backend-webgpu = WebGPU
fact-problem = Letzte Störung
fact-problem-text = { $title } ({ $detail })
fact-engine = Rechenkern
fact-why = Grund
fact-time = Zeit mit { $backend }
fact-time-text = { $time }, um ein Gesicht zu finden und sein Embedding zu berechnen
fact-self-test = Selbsttest
fact-self-test-text = bestanden, kleinster Kosinus { NUMBER($cosine, minimumFractionDigits: 5, maximumFractionDigits: 5) }
fact-model = Modell
fact-calibrated = Kalibriert an
fact-calibrated-text =
    { $pairs ->
        [one] { $pairs } Paar von Fremden
       *[other] { $pairs } Paaren von Fremden
    }
fact-supports = Reicht für
fact-supports-none = keine bestimmte Rate

engine-why-cpu-chosen = In der Adresse der Seite gewählt.
engine-why-cpu-restarted = Der Rechenkern war stehen geblieben und wurde neu gestartet.
engine-why-webgpu-pending = Startet sofort; WebGPU wird gerade versucht.
engine-why-webgpu-absent = Dieser Browser hat kein WebGPU.
engine-why-webgpu-no-adapter = WebGPU findet hier keinen Grafikadapter.
engine-why-webgpu-software = Der einzige WebGPU-Adapter rechnet in Software, und die ist langsamer.
engine-why-webgpu-failed = WebGPU wurde versucht und schlug fehl.
engine-why-webgpu-disagrees = WebGPU berechnete andere Ergebnisse und wird deshalb nicht verwendet.
engine-why-webgpu-slower = WebGPU wurde versucht und ist hier langsamer.
engine-why-webgpu-faster = Berechnet dieselben Ergebnisse wie die CPU, nur schneller.
engine-why-webgpu-chosen = In der Adresse der Seite gewählt.
engine-why-webgpu-lost = WebGPU fiel aus; die CPU hat übernommen.

engine-restarted = Der Rechenkern blieb stehen und wurde neu gestartet; bitte versuchen Sie es noch einmal.
engine-restarted-on-cpu = Der Grafik-Rechenkern blieb stehen. Die CPU hat übernommen; bitte versuchen Sie es noch einmal.

## Errors: a heading and what it means or what to do

error-camera-absent =
    .title = Keine Kamera gefunden
    .text = Schließen Sie eine Kamera an und versuchen Sie es noch einmal.
error-camera-refused =
    .title = Die Kamera ist nicht erlaubt
    .text = Erlauben Sie dieser Seite die Kamera in der Adressleiste des Browsers und versuchen Sie es noch einmal.
error-camera-busy =
    .title = Die Kamera ist in Gebrauch
    .text = Ein anderes Programm scheint sie zu verwenden. Schließen Sie es und versuchen Sie es noch einmal.
error-camera-lost =
    .title = Die Kamera wurde getrennt
    .text = Sie wurde abgezogen oder ausgeschaltet. Versuchen Sie es noch einmal.
error-camera-unsupported =
    .title = Hier gibt es keinen Zugriff auf die Kamera
    .text = Browser geben ihn nur Seiten, die über https oder von localhost kommen.
error-capture-timeout =
    .title = Kein deutliches Bild eines Gesichts
    .text = Es wurde nichts gespeichert und nichts entschieden.
error-picture-frozen =
    .title = Das Bild der Kamera ändert sich nicht
    .text = Es wurde nichts gespeichert. Schalten Sie die Kamera aus und wieder ein, oder wählen Sie eine andere.
error-picture-empty =
    .title = Es gibt kein Bild
    .text = Es hat noch keine Größe. Versuchen Sie es gleich noch einmal.
error-picture-foreign =
    .title = Das Bild ist nicht lesbar
    .text = Es gehört zu einer anderen Website, und diese erlaubt das Lesen nicht.
error-picture-missing =
    .title = Das Bild konnte nicht geladen werden
    .text = Prüfen Sie die Verbindung und die Adresse.
error-picture-unsupported =
    .title = Das ist kein Bild
    .text = Nehmen Sie ein Foto oder die Kamera.
error-image-size =
    .title = Das Bild ist nicht vollständig
    .text = Seine Pixel füllen seine Breite und Höhe nicht. Versuchen Sie es noch einmal oder nehmen Sie ein anderes Bild.
error-no-samples =
    .title = Kein Foto war verwendbar
    .text = Es wurde nichts gespeichert. Die Liste oben sagt, warum.
error-samples-disagree =
    .title = Die Aufnahmen sehen nicht nach einer einzigen Person aus
    .text = Es wurde nichts gespeichert. Wiederholen Sie sie mit derselben Person allein, bei gleichmäßigem Licht.
error-bad-face =
    .title = Das Gesicht ist nicht verwendbar
    .text = Augen, Nase und Mund ließen sich nicht unterscheiden. Versuchen Sie es noch einmal oder nehmen Sie ein anderes Bild.

error-no-live-face =
    .title = Bewegungsprüfung nicht bestanden
    .text = Die Seite konnte nicht bestätigen, dass eine Person vor der Kamera ist.
error-no-random =
    .title = Hier gibt es keine Zufallszahlen
    .text = Dieser Browser liefert keine, also kann keine Bewegungsprüfung beginnen.
error-no-challenge =
    .title = Die Bewegungsprüfung wurde unterbrochen
    .text = Der Rechenkern wurde während der Prüfung neu gestartet. Es wurde nichts verglichen; versuchen Sie es noch einmal.
error-already-checking =
    .title = Eine Bewegungsprüfung läuft schon
    .text = Warten Sie, bis sie vorbei ist, und versuchen Sie es dann noch einmal.
error-too-many-tries =
    .title = Zu viele Fehlversuche
    .text = Unten steht, wie lange Sie warten müssen. Es wurde nichts verglichen.

error-weights-missing =
    .title = Das Gesichtsmodell konnte nicht geladen werden
    .text =
        Seine Dateien fehlen, oder die Verbindung wurde unterbrochen. Laden Sie die Seite neu,
        um es noch einmal zu versuchen.
error-weights-truncated =
    .title = Das Gesichtsmodell ist beschädigt
    .text = Seine Datei ist unvollständig. Laden Sie die Seite neu.
error-weights-corrupt =
    .title = Das Gesichtsmodell ist beschädigt
    .text = Seine Prüfsumme stimmt nicht. Laden Sie die Seite neu.
error-weights-version =
    .title = Das Gesichtsmodell passt nicht zu dieser Seite
    .text = Sein Dateiformat ist von einer anderen Version. Laden Sie die Seite neu.
error-weights-preset =
    .title = Das Gesichtsmodell passt nicht zu dieser Seite
    .text = Es enthält ein Netz, das diese Seite nicht kennt.
error-weights-shape =
    .title = Das Gesichtsmodell passt nicht zu dieser Seite
    .text = Seine Tensoren haben eine andere Form.
error-detector-weights =
    .title = Die Gesichtssuche konnte nicht geladen werden
    .text = Ihre Gewichte sind beschädigt. Laden Sie die Seite neu.
error-movement-missing =
    .title = Die Bewegungsprüfung ist nicht eingerichtet
    .text = Dieser Seite fehlt eine Datei. Laden Sie die Seite neu.
error-mesh-weights =
    .title = Das Gesichtsnetz konnte nicht geladen werden
    .text = Seine Gewichte sind beschädigt. Laden Sie die Seite neu.
error-self-test-failed =
    .title = Dieser Browser rechnet falsch
    .text = Der Rechenkern rechnet nicht, was er soll. Deshalb wird hier nichts entschieden.
error-wasm-unsupported =
    .title = Dieser Browser ist zu alt für diese Seite
    .text =
        Er führt kein WebAssembly mit SIMD aus. Verwenden Sie einen neueren Browser, oder
        erlauben Sie WebAssembly in den Einstellungen dieses Browsers.
error-engine-crashed =
    .title = Der Rechenkern blieb stehen
    .text = Laden Sie die Seite neu. Wenn es wieder geschieht, ist dieser Browser vielleicht zu alt.
error-engine-hung =
    .title = Der Rechenkern antwortet nicht
    .text = Laden Sie die Seite neu.
error-engine-not-ready =
    .title = Der Rechenkern ist noch nicht bereit
    .text = Warten Sie einen Moment und versuchen Sie es noch einmal.
error-engine-closed =
    .title = Der Rechenkern wurde beendet
    .text = Laden Sie die Seite neu.
error-backend =
    .title = Die Berechnung schlug fehl
    .text = Der Rechenkern wurde neu gestartet; bitte versuchen Sie es noch einmal.
error-webgpu-unavailable =
    .title = WebGPU ist hier nicht verfügbar
    .text = Dieser Browser gibt keinen Zugriff auf den Grafikadapter. Stattdessen rechnet die CPU.
error-no-calibration =
    .title = Dieses Modell ist nicht kalibriert
    .text = Ohne gemessene Fehlerraten wird nichts entschieden. Verwenden Sie kalibrierte Gewichte.
error-fmr-unsupported =
    .title = Diese Rate wurde nicht gemessen
    .text = So streng kann dieses Gesichtsmodell nicht entscheiden. Wählen Sie eine mildere Rate.

error-bad-rate =
    .title = Das ist keine Rate
    .text = Wählen Sie eine der angebotenen Raten.
error-bad-template =
    .title = Die Gesichtsdaten sind beschädigt
    .text = Erfassen Sie diese Person erneut.
error-bad-embedding =
    .title = Die Gesichtsdaten sind beschädigt
    .text = Erfassen Sie diese Person erneut.
error-other-model =
    .title = Mit einem anderen Gesichtsmodell erstellt
    .text = Die gespeicherten Aufnahmen sind hier nicht vergleichbar. Erfassen Sie die Person erneut.
error-expired =
    .title = Der Eintrag ist abgelaufen
    .text = Er wird nicht mehr verwendet. Erfassen Sie die Person erneut oder löschen Sie ihn.
error-consent-missing =
    .title = Ein Einverständnis ist nötig
    .text = Setzen Sie den Haken, wenn die Person einverstanden ist, deren Gesicht es ist.
error-name-missing =
    .title = Ein Name ist nötig
    .text = Geben Sie den Namen der Person ein, die erfasst werden soll.
error-name-taken =
    .title = Dieser Name ist vergeben
    .text = Für neue Aufnahmen derselben Person wählen Sie in der Liste „Erneut erfassen“.
error-person-gone =
    .title = Diese Person ist nicht mehr erfasst
    .text = Vielleicht wurde der Eintrag in einem anderen Tab gelöscht.
error-nobody-enrolled =
    .title = Niemand zum Vergleichen da
    .text = Erfassen Sie zuerst eine Person.

error-storage-full =
    .title = Der Speicher ist voll
    .text = Der Browser hat keinen Platz mehr für diese Seite. Es wurde nichts gespeichert.
error-storage-newer =
    .title = In einem anderen Tab ist eine neuere Version dieser Seite offen
    .text = Laden Sie diesen Tab neu, um weiterzumachen.
error-storage-blocked =
    .title = Ein anderer Tab benutzt die gespeicherten Daten
    .text = Schließen Sie die anderen Tabs dieser Seite. Wenn dann nichts geschieht, versuchen Sie es noch einmal.
error-storage-insecure =
    .title = Hier lässt sich nichts speichern
    .text = Browser verschlüsseln und speichern nur für Seiten, die über https oder von localhost kommen.
error-storage-failed =
    .title = Die Sammlung ließ sich nicht ändern
    .text = Der Speicher des Browsers meldete einen Fehler. Es wurde nichts gespeichert.
error-storage-unavailable =
    .title = Hier lässt sich nichts speichern
    .text = Der Browser gibt dieser Seite keinen Speicher, wie manche in privaten Fenstern.
error-gallery-locked =
    .title = Die erfassten Personen sind gesperrt
    .text = Geben Sie zuerst die Passphrase ein.
error-wrong-passphrase =
    .title = Das ist nicht die Passphrase
    .text = Es wurde nichts geändert. Versuchen Sie es noch einmal.
error-passphrase-short =
    .title = Die Passphrase ist zu kurz
    .text = Verwenden Sie mindestens 15 Zeichen: Vier Wörter genügen.
error-passphrase-simple =
    .title = Die Passphrase ist zu leicht zu erraten
    .text = Sie wiederholt wenige Zeichen. Verwenden Sie vier Wörter, die nicht zusammengehören.
error-photo-forbidden =
    .title = Fotos sind hier nicht erlaubt
    .text = Die Person, der diese Daten gehören, hat Fotos ausgeschaltet. Verwenden Sie die Kamera.
error-passphrase-differs =
    .title = Die beiden Passphrasen sind verschieden
    .text = Geben Sie zweimal dieselbe ein.
error-key-damaged =
    .title = Der gespeicherte Schlüssel ist beschädigt
    .text = Was er verschlüsselt hat, ist nicht mehr lesbar. Löschen Sie alles und erfassen Sie alle Personen erneut, oder importieren Sie eine Datei.
error-passkey-refused =
    .title = Der Passkey wurde nicht verwendet
    .text = Der Vorgang wurde abgebrochen oder nicht angenommen. Versuchen Sie es noch einmal.
error-passkey-unsuitable =
    .title = Dieser Passkey kann nicht verschlüsseln
    .text = Er unterstützt die PRF-Erweiterung nicht. Verwenden Sie einen anderen oder eine Passphrase.
error-vault-missing =
    .title = Es gibt keine private Notiz
    .text = Vielleicht wurde sie in einem anderen Tab gelöscht.
error-vault-closed =
    .title = Die private Notiz ist geschlossen
    .text = Öffnen Sie sie zuerst.
error-vault-full =
    .title = Das ist zu groß
    .text = Eine Datei darf 5 MB haben, alle zusammen 20 MB.
error-record-damaged =
    .title = Ein Eintrag ist beschädigt
    .text = Er wurde im Speicher verändert oder abgeschnitten und wird nicht verwendet.
error-record-newer =
    .title = Einige Einträge sind von einer neueren Version
    .text =
        Diese Änderung würde sie löschen. Laden Sie diese Seite neu, um die neuere Version zu
        bekommen, und versuchen Sie es dann noch einmal.
error-file-foreign =
    .title = Das ist keine Sammlung
    .text = Wählen Sie eine Datei, die diese Seite exportiert hat.
error-file-newer =
    .title = Diese Datei ist von einer neueren Version
    .text = Laden Sie diese Seite neu, um die neuere Version zu bekommen, und versuchen Sie es dann noch einmal.
error-file-damaged =
    .title = Diese Datei ist beschädigt
    .text = Sie wurde seit dem Export abgeschnitten oder verändert. Es wurde nichts importiert.
error-nothing-to-export =
    .title = Es gibt nichts zu exportieren
    .text = Erfassen Sie zuerst eine Person.

error-unexpected =
    .title = Etwas ist schiefgegangen
    .text = Versuchen Sie es noch einmal oder laden Sie die Seite neu. Der technische Grund: { $detail }
