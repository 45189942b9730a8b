### The page's texts. English is the source. Each other language has a file with the same messages, in
### which the names of messages, attributes (.title) and variables ($name) are not translated. Use usual
### words and whole sentences. Instructions are short, because they are also spoken.
###
### Terms: to enrol is to take a person's samples and store them; a sample is the embedding of one
### picture; a template is all samples of a person; to verify is to compare a face with a template.

## The page

page-title = facekey – face verification on this device
page-description =
    .content = Enrol a face and verify it later, entirely in this browser.
tagline = Face verification that stays on this device
skip-link = Skip to the tasks
## The first screen

welcome-heading = Your face is recognised only on this device
welcome-lead =
    This page learns your face and recognises it later. Everything runs in your browser, and no
    picture leaves this device.
welcome-step-enrol = Enrol.
welcome-step-enrol-text = Look at the camera for about 20 seconds and turn your head a little.
welcome-step-verify = Verify.
welcome-step-verify-text = Follow the instructions and see whether you are recognised.
welcome-step-keep = Stay in control.
welcome-step-keep-text = Your data are encrypted and stored only in this browser. Delete them with one button.
welcome-start = Enrol your face
welcome-drawn = Try it with a drawn face
reliance-heading = What you can use it for
reliance-yes = Use it to see how face verification works, or for convenience on your own device.
reliance-no =
    Do not use it to protect anything. The face model is for demonstration only. It makes mistakes,
    and more of them for some groups of people than for others. It may accept a recording or a
    relative. For protection, use a passkey.
disclaimer =
    A face match in a web page is a convenience, not proof of identity: a recording of the
    face or a relative may be accepted. For signing in, use a passkey.
language = Language
needs-javascript = This page needs JavaScript.
cancel = Cancel
close = Close

## Parts of messages

# A heading and its explanation in one text.
title-and-text = { $title }. { $text }
# Two whole sentences.
sentences = { $first } { $second }
# How rarely a stranger passes.
#   $count (Number): such as 10,000
one-in = 1 in { NUMBER($count, maximumFractionDigits: 1) }
kilobytes = { $size } kB
megabytes = { NUMBER($size, minimumFractionDigits: 1, maximumFractionDigits: 1) } MB
milliseconds = { NUMBER($time, maximumFractionDigits: 1) } ms

## The camera's picture

camera-starting = Turning on the camera
camera-starting-text = Allow it if the browser asks. Pictures are processed on this device and not stored.
camera-again = Try again
camera-choice = Camera
camera-speak = Speak the instructions
camera-progress = Progress
# The progress, below the ring.
targets-reached = { $done } of { $all } targets
looks-taken = { $done } of { $all } done
pictures-taken = { $done } of { $all } pictures
# For screen readers.
load-progress =
    .aria-label = Loading the face model

## What to do about the camera's picture

guidance-no-face = No face in view. Look towards the camera.
guidance-several-faces = Several faces in view. One person at a time, please.
guidance-too-small = Come a little closer.
guidance-too-dark = It is too dark. Turn towards a light.
guidance-too-bright = It is too bright. Move out of the direct light.
guidance-blurred = The picture is blurred. Hold still, or wipe the lens.
guidance-turned-away = Look straight at the camera.
guidance-covered = Something covers your face. Please remove it.
guidance-cut-off = Move so that your whole face is in view.
guidance-too-close = Move back a little.
guidance-hold-still = Hold your head still.
guidance-again = That movement did not count. Move your head slowly and straight to the next target.
guidance-good = Good. Hold still.

## A new version

update-ready = A new version of this page is ready.
update-now = Use it now

## The two tasks

task-choice = What do you want to do?
task-verify = Verify
task-enrol = Enrol
task-compare = Compare

## If a passphrase locks the enrolled people

locked-heading = The enrolled people are locked
locked-passphrase = Passphrase
locked-unlock = Unlock
locked-forgotten =
    If you have forgotten it, nobody can recover the stored data. Delete everything, under “What
    is kept here”, and enrol again.

## Verifying

verify-heading = Who is this?
verify-whom = Compare with
verify-anyone = Anyone who is enrolled
# A list of rates follows: 1 in 1,000 and so on.
verify-strictness = Strictness: how many strangers may pass
verify-movement-hint =
    A dot on the screen follows your head. Move the dot into three circles, one after the other.
    A photo of you cannot do that. This check is experimental.
verify-skip = Skip the movement check
verify-skip-hint = The result will say that the assurance is lower
verify-skip-once = Skip the movement check
verify-camera = Verify with the camera
verify-photo = Use a photo
verify-nobody = Enrol a person first.

# The rates that can be chosen.
#   $name (String): one of those below
strictness = { one-in }: { $name }
level-trial = only to try it out
level-basic = basic
level-strong = strong, as NIST asks
level-highest = very strong
strictness-unmeasured = { one-in }: not measured for this face model

# A countdown.
wait-seconds =
    { $seconds ->
        [one] Too many failed tries. The next one is possible in { $seconds } second.
       *[other] Too many failed tries. The next one is possible in { $seconds } seconds.
    }
wait-minutes =
    { $minutes ->
        [one] Too many failed tries. The next one is possible in { $minutes } minute.
       *[other] Too many failed tries. The next one is possible in { $minutes } minutes.
    }
wait-for-passphrase = Too many failed tries. Reload the page and enter the passphrase, or delete everything and enrol again.

## The movement check. Left and right are the person's own.

ask-neutral = Look straight at the camera
ask-turn-left = Turn your head slowly to the left
ask-turn-right = Turn your head slowly to the right
ask-look-up = Lift your chin slowly
ask-look-down = Lower your chin slowly
ask-hold = Good
# In a list that shows how close the head came to each target.
target-number = Target { $number }

# Why it was not passed. These do not suggest to skip it: the owner may forbid that.
movement-timeout = The circle was not reached in time.
movement-face-lost = Your face went out of view.
movement-several-faces = Someone else came into view.
movement-face-changed = The face did not stay the same.
movement-jumped = The face was suddenly somewhere else.
movement-moved-early = The head moved before the target was shown.
movement-wrong-movement = The head did not move as instructed.
movement-flat = The face looked flat, as a photo does. More light may help.
movement-stalled = This device shows the camera’s pictures too slowly for the movement check.

# How certain it is that a person was present.
liveness-live = The head in front of the camera followed the instructions.
liveness-unchecked = Lower assurance: the movement check was skipped, so this may have been a photo.
liveness-photo = Lower assurance: this was a photo. It does not show that the person is here.

## The result of a comparison

result =
    .aria-label = Result
result-accepted = Accepted
result-refused = Refused
result-undecided = No decision
result-match = This is { $name }
result-other = Not recognised as { $name }
result-nobody = No match among the enrolled people

# How rare it is that a stranger comes this close.
chance-most = Most strangers come as close to { $name } as this.
chance-about = About { one-in } strangers would come this close to { $name }.
chance-fewer = Fewer than { one-in } strangers would come this close to { $name }.
chance-unknown = How many strangers come this close to { $name } has not been measured.
chance-limit = The limit for acceptance is { one-in }.
result-compared =
    { $people ->
        [one] Compared with { $people } person.
       *[other] Compared with { $people } people. About { one-in } strangers would come this close to one of them.
    }

# A scale from the same picture on the left to strangers on the right.
scale-closer = closer
scale-further = further apart
scale-within = On a scale from the same picture to strangers, the match lies within the limit.
scale-beyond = On a scale from the same picture to strangers, the match lies beyond the limit.

# If there is no decision.
undecided-picture = The picture is not good enough
undecided-compared = Nothing was compared.

## Enrolling

enrol-heading = Enrol a person
enrol-heading-again = Enrol { $name } again
enrol-name = Name
enrol-period = Keep for
period-30 = 30 days
period-182 = 6 months
period-365 = 1 year
period-0 = Until it is deleted
# These are shown as one text, with one of the two messages about the time.
enrol-kept =
    Kept in this browser, encrypted: the name and a few lists of 128 numbers computed from the
    face.
enrol-kept-until = From { DATETIME($date, dateStyle: "medium") } on they are not used any more.
enrol-kept-always = They stay until you delete them.
enrol-rights =
    You can delete them at any time. Photos are never kept and nothing is sent anywhere.
enrol-consent = This is my face, or the person agrees that these data are kept.
enrol-camera = Enrol with the camera
enrol-photos = Use photos
enrol-looks =
    The page asks you to look in five directions: straight ahead, to both sides, up and down. If
    you cannot turn your head, stay as you are: the page goes on by itself.
enrolled = { $name } is enrolled.
enrol-done = Done
enrol-try = Try it now
enrol-nothing-saved = Nothing was saved.

# The poses of an enrolment. Left and right are the person's own.
pose-straight = Look straight at the camera.
pose-left = Turn a little to the left.
pose-right = Turn a little to the right.
pose-up = Lift your chin a little.
pose-down = Lower your chin a little.

# How to make the picture better.
advice-come-closer = Come a little closer.
advice-move-back = Move back a little.
advice-more-light = It is dark: turn towards a light.
advice-less-light = It is bright: turn away from the light.

## Questions at an enrolment

# The face matches another person who is enrolled.
question-double =
    .title = Is this { $name }?
    .text =
        The face looks like that of { $name }, who is enrolled already. To take new samples,
        cancel and choose “Enrol again” in the list.
    .yes = Enrol under this name too
# The face does not match the person who is being enrolled again.
question-stranger =
    .title = Is this really { $name }?
    .text = The face does not look like that of { $name }. The present samples of { $name } would be lost.
    .yes = Replace the samples of { $name }

## Photo files

photos-progress =
    { $all ->
        [one] Looked at { $done } of { $all } photo
       *[other] Looked at { $done } of { $all } photos
    }
# The outcome of a photo.
#   $file (String): its name
#   $outcome (String): one of those below
photo-report = { $file }: { $outcome }
good-photo-used = used.
good-photo-repeat = the same picture as another one, so it adds nothing.
good-photo-spare = good, but the others add more.

# Why a photo cannot be used.
photo-unusable = This photo cannot be used
bad-photo-no-face = No face was found in it.
bad-photo-several-faces = It shows several faces, and none was chosen.
bad-photo-too-small = The face is too small.
bad-photo-too-dark = The face is too dark.
bad-photo-too-bright = The face is too bright.
bad-photo-blurred = The face is blurred.
bad-photo-turned-away = The face is turned away.
bad-photo-covered = Something covers the face.
bad-photo-cut-off = Part of the face is outside the picture.
bad-photo-photo-too-large = The file is too large. Photos up to 64 megapixels and 50 MB can be read.
bad-photo-photo-unreadable = This file is not a picture that this browser can read.
# $detail (String): HEIC or TIFF
bad-photo-photo-format = It is a { $detail } file, which this browser cannot read. Save it as JPEG and choose that.
bad-photo-image-too-large = The picture is too large.
photo-looking = Looking at the photo
# Photos were chosen before the form was complete.
photos-go-on =
    { $count ->
        [one] Go on with the photo
       *[other] Go on with the { $count } photos
    }
pick-face = Which face is meant?
pick-face-text = Tap it.
pick-face-label = Face { $number } of { $all }
pick-face-proposed = The largest one
pick-face-none = None of them
## Comparing two photos

compare-heading = Do these photos show the same person?
compare-hint = Choose two photos. Nobody is enrolled, and nothing is kept.
compare-first = First photo
compare-second = Second photo
compare-change = Another photo
compare-drawn = Use a drawn face
compare-no-picture = No preview
compare-same = Probably the same person.
compare-different = Probably two different people.
# Used instead of a name, as in: 1 in 1,000 strangers would come this close to …
compare-other-photo = the person in the first photo

## The list of enrolled people

people-heading = Enrolled people
people-nobody = Nobody is enrolled yet.
undo = Undo
deleted-names =
    { $count ->
        [one] Deleted.
       *[other] { $count } deleted.
    }
person-enrol-again = Enrol again
    .aria-label = Enrol again: { $name }
person-rename = Rename
    .aria-label = Rename { $name }
person-delete = Delete
    .aria-label = Delete { $name }
# The facts about a template, such as: 5 samples, Nov 26, 2026, until Nov 26, 2027
#   $date (Date): when the samples were taken
samples =
    { $samples ->
        [one] { $samples } sample
       *[other] { $samples } samples
    }
person-facts = { samples }, { DATETIME($date, dateStyle: "medium") }
person-facts-until = { samples }, { DATETIME($date, dateStyle: "medium") }, until { DATETIME($end, dateStyle: "medium") }
person-other-model = Made with another face model: enrol again to compare
person-expired = Expired on { DATETIME($end, dateStyle: "medium") }: not used any more. Delete it or enrol again

# Entries that cannot be used.
aside-record-damaged = Damaged entry
    .text = Changed or truncated in storage: it is never compared
aside-record-newer = Newer entry
    .text = Written by a newer version of this page: reload to use it

question-rename =
    .title = Rename { $name }
    .yes = Rename
question-delete =
    .title = Delete { $name }?
    .text = The name and the face data are removed from this browser.
    .yes = Delete
delete-expired = Delete { $count } expired
question-delete-expired =
    .title =
        { $count ->
            [one] Delete { $count } expired enrolment?
           *[other] Delete { $count } expired enrolments?
        }
    .text = { $names }
    .yes = Delete

## The checks made on this device

history-heading = Recent checks
history-none = No checks yet. They are kept here only, encrypted.
history-clear = Clear the list
history-verdict-accepted = { $name }: recognised
history-verdict-refused = { $name }: not recognised
history-how-live = { DATETIME($date, dateStyle: "medium", timeStyle: "short") }, live
history-how-unchecked = { DATETIME($date, dateStyle: "medium", timeStyle: "short") }, without the movement check
history-how-photo = { DATETIME($date, dateStyle: "medium", timeStyle: "short") }, from a photo

## The vault: a private note and files

vault-heading = Private note
vault-hint =
    A note and files, encrypted under a passkey or a passphrase. A face match opens nothing: it
    only shows again what you have already opened, while this page stays open.
vault-make-passkey = Protect with a passkey
vault-make-passphrase = Protect with a passphrase
vault-note = Note
vault-save = Save
vault-add = Add files
vault-cover = Hide it
vault-covered = Hidden. Verify yourself with the camera to see it again, or open it.
vault-open = Open
vault-remove = Delete the note and the files
vault-saved = Saved, encrypted.
vault-drop-file = Delete
    .aria-label = Delete { $name }
question-vault =
    .title = Protect with a passphrase
    .text = It encrypts the note and the files. Nobody can recover it.
    .yes = Protect
question-vault-open =
    .title = Open the private note
    .text = Enter its passphrase.
    .yes = Open
question-vault-remove =
    .title = Delete the note and the files?
    .text = They cannot be brought back.
    .yes = Delete

## What is kept in this browser

kept-heading = What is kept here

kept-templates = People
kept-templates-locked = locked
people =
    { $people ->
        [one] { $people } person
       *[other] { $people } people
    }
# Some entries cannot be used.
people-and-aside = { people }, { $aside } unusable
kept-encrypted = Encrypted
kept-encrypted-passphrase = under your passphrase
kept-encrypted-browser = under a key that never leaves this browser
kept-time = Kept
kept-time-promised = until you delete it, as the browser promises
kept-time-unsure = the browser may delete it when storage runs out or the page is not visited; keep an export
kept-time-unknown = this browser does not say for how long
kept-page = This page
kept-page-offline = kept too, so that it opens without a network
kept-page-online = not kept: it needs the network to open
kept-room = Storage used
kept-room-unknown = this browser does not say
# From the browser's own count.
receipt-foreign =
    { $count ->
        [one] { $count } request has gone to another website since { DATETIME($since, timeStyle: "short") }.
       *[other] { $count } requests have gone to other websites since { DATETIME($since, timeStyle: "short") }, when this page was loaded.
    }
# $own (Number): requests for the files of this page
receipt-own = Requests for the page’s own files: { $own }. Requests after the page was ready: { $later }. The browser counted them.

## The owner's settings

owner-heading = The owner’s settings
owner-hint = They apply to everyone in front of the camera. If a passphrase is set, only people who know it can change them.
owner-least = Lowest strictness allowed
owner-skip = Allow skipping the movement check, and photos
owner-search = Allow comparing with everyone
owner-idle = Ask for the passphrase again after
idle-5 = 5 minutes without use
idle-15 = 15 minutes without use
idle-60 = 1 hour without use
idle-0 = Only when the page is opened
owner-save = Save
owner-saved = Saved.
question-owner =
    .title = Are you the owner?
    .text = Enter the passphrase to save the settings.
    .yes = Save

## The passphrase

passphrase-current = Current passphrase
passphrase-new = New passphrase
passphrase-repeat = Repeat the passphrase
passphrase-of-file = Passphrase of the file
passphrase-set = Set a passphrase
passphrase-change = Change the passphrase
passphrase-remove = Remove the passphrase
lock = Lock now
question-passphrase-set =
    .title = Set a passphrase
    .text = It will be asked for when the page is opened. Nobody can recover it: keep it safe.
    .yes = Set it
    .done = The passphrase is set.
question-passphrase-change =
    .title = Change the passphrase
    .text = Everything is encrypted again under a new key.
    .yes = Change it
    .done = The passphrase is changed.
question-passphrase-remove =
    .title = Remove the passphrase?
    .text = What is kept stays encrypted, but whoever opens this browser can use it.
    .yes = Remove it
    .done = The passphrase is removed.

## Export and import of a file

export = Export to a file
question-export =
    .title = Export to a file
    .text =
        { $people ->
            [one] { $people } person, encrypted under a passphrase of its own.
           *[other] { $people } people, encrypted under a passphrase of its own.
        }
    .yes = Export
exported = { $file } is saved among your downloads.
export-damaged =
    { $entries ->
        [one] { $entries } damaged entry is not exported.
       *[other] { $entries } damaged entries are not exported.
    }
import = Import from a file
question-import =
    .title = Import from a file
    .text = Enter the passphrase that was chosen for the export.
    .yes = Import
# The file has newer samples of people who are enrolled here.
question-replace =
    .title =
        { $count ->
            [one] Replace the samples of { $names }?
           *[other] Replace the samples of { $count } people?
        }
    .text = The file has newer samples of { $names }. From then on, the person in these samples is recognised.
    .yes = Replace
imported-nothing = Nothing was imported.
# $people (Number): who are new here
# $known (Number): who were here already
imported =
    { $people ->
        [one] { $people } person imported, { $known } already here.
       *[other] { $people } people imported, { $known } already here.
    }
# $replaced (Number): who were here already, with older samples
imported-replacing =
    { $people ->
        [one] { $people } person imported, { $replaced } replaced by newer samples, { $known } already here.
       *[other] { $people } people imported, { $replaced } replaced by newer samples, { $known } already here.
    }

## The deletion of everything

delete-all = Delete everything
question-delete-all =
    .title = Delete everything?
    .text =
        Every name, all face data, the keys, the settings and the stored copies of this page are
        removed from this browser.
    .yes = Delete everything
# $what (String): a list of those below
deleted = Deleted: { $what }. A second check found nothing left.
deleted-partly = Deleted: { $what }. Still here: { $left }. Close the other tabs of this page. If this does not help, try again.
deleted-people = all people and keys
deleted-databases =
    { $count ->
        [one] { $count } database
       *[other] { $count } databases
    }
deleted-caches =
    { $count ->
        [one] { $count } cache
       *[other] { $count } caches
    }
deleted-settings =
    { $count ->
        [one] { $count } setting
       *[other] { $count } settings
    }
deleted-workers =
    { $count ->
        [one] { $count } service worker
       *[other] { $count } service workers
    }

## The engine and the face model

engine-downloading = Loading the face model
engine-downloading-amount = Loading the face model: { $amount }
# $received and $total (String): such as 1.5 MB
amount-of = { $received } of { $total }
engine-starting = Starting the engine
# $backend (String): "webgpu" or "cpu"
engine-ready =
    { $backend ->
        [webgpu] Computed on the GPU
       *[cpu] Computed on the CPU
    }
# $time (String): such as 35 ms
engine-ready-timed = { engine-ready }, { $time } a face
backend-cpu = CPU
backend-webgpu = WebGPU
fact-problem = Last problem
# $title (String): an error's heading
# $detail (String): technical words, in English
fact-problem-text = { $title } ({ $detail })
fact-engine = Engine
fact-why = Why
# $backend (String): CPU or WebGPU
fact-time = { $backend } time
fact-time-text = { $time } to find and embed a face
fact-self-test = Self-test
fact-self-test-text = passed, lowest cosine { NUMBER($cosine, minimumFractionDigits: 5, maximumFractionDigits: 5) }
fact-model = Model
fact-calibrated = Calibrated on
fact-calibrated-text =
    { $pairs ->
        [one] { $pairs } pair of strangers
       *[other] { $pairs } pairs of strangers
    }
fact-supports = Supports
fact-supports-none = no stated rate

# Why this backend is used.
engine-why-cpu-chosen = Chosen in the page’s address.
engine-why-cpu-restarted = The engine had stopped and was started again.
engine-why-webgpu-pending = Starts at once; WebGPU is being tried.
engine-why-webgpu-absent = This browser has no WebGPU.
engine-why-webgpu-no-adapter = WebGPU finds no graphics adapter here.
engine-why-webgpu-software = The only WebGPU adapter computes in software, which is slower.
engine-why-webgpu-failed = WebGPU was tried and failed.
engine-why-webgpu-disagrees = WebGPU computed different results, so it is not used.
engine-why-webgpu-slower = WebGPU was tried and is slower here.
engine-why-webgpu-faster = It computes the same results as the CPU, faster.
engine-why-webgpu-chosen = Chosen in the page’s address.
engine-why-webgpu-lost = WebGPU stopped working, so the CPU took over.

engine-restarted = The engine stopped and was started again; please try that again.
engine-restarted-on-cpu = The graphics engine stopped. The CPU has taken over; please try that again.

## Errors: a heading and what it means or what to do

error-camera-absent =
    .title = No camera found
    .text = Connect a camera and try again.
error-camera-refused =
    .title = The camera is not allowed
    .text = Allow the camera for this page in the browser’s address bar and try again.
error-camera-busy =
    .title = The camera is in use
    .text = Another program seems to use it. Close that program and try again.
error-camera-lost =
    .title = The camera was disconnected
    .text = It was unplugged or switched off. Try again.
error-camera-unsupported =
    .title = No camera access here
    .text = Browsers give it to pages served over https or from localhost only.
error-capture-timeout =
    .title = No clear picture of a face
    .text = Nothing was saved or decided.
error-picture-frozen =
    .title = The camera’s picture does not change
    .text = Nothing was saved. Turn the camera off and on, or choose another one.
error-picture-empty =
    .title = There is no picture
    .text = It has no size yet. Try again in a moment.
error-picture-foreign =
    .title = The picture cannot be read
    .text = It comes from another website, which does not allow reading it.
error-picture-missing =
    .title = The picture could not be loaded
    .text = Check the connection and the address.
error-picture-unsupported =
    .title = That is not a picture
    .text = Use a photo or the camera.
error-image-size =
    .title = The picture is not whole
    .text = Its pixels do not fill its width and height. Try again, or use another picture.
error-no-samples =
    .title = No photo could be used
    .text = Nothing was saved. The list above says why.
error-samples-disagree =
    .title = The samples do not look like one person
    .text = Nothing was saved. Take them again with the same person alone, in even light.
error-bad-face =
    .title = The face cannot be used
    .text = Its eyes, nose and mouth could not be told apart. Try again, or use another picture.

error-no-live-face =
    .title = Movement check not passed
    .text = The page could not confirm that a person is in front of the camera.
error-no-random =
    .title = There are no random numbers here
    .text = This browser provides none, so no movement check can start.
error-no-challenge =
    .title = The movement check was interrupted
    .text = The engine was restarted during the check. Nothing was compared; try again.
error-already-checking =
    .title = A movement check is under way
    .text = Wait until it is over, then try again.
error-too-many-tries =
    .title = Too many failed tries
    .text = See below how long to wait. Nothing was compared.

error-weights-missing =
    .title = The face model could not be loaded
    .text = Its files are missing, or the connection was interrupted. Reload the page to try again.
error-weights-truncated =
    .title = The face model is damaged
    .text = Its file is incomplete. Reload the page.
error-weights-corrupt =
    .title = The face model is damaged
    .text = Its checksum does not match. Reload the page.
error-weights-version =
    .title = The face model does not fit this page
    .text = Its file format is of another version. Reload the page.
error-weights-preset =
    .title = The face model does not fit this page
    .text = It contains a network that this page does not know.
error-weights-shape =
    .title = The face model does not fit this page
    .text = Its tensors have other shapes.
error-detector-weights =
    .title = The face detector could not be loaded
    .text = Its weights are damaged. Reload the page.
error-movement-missing =
    .title = The movement check is not set up
    .text = This copy of the page lacks a file. Reload the page.
error-mesh-weights =
    .title = The face mesh could not be loaded
    .text = Its weights are damaged. Reload the page.
error-self-test-failed =
    .title = This browser computes wrong results
    .text = The engine did not compute what it should, so no decision is made here.
error-wasm-unsupported =
    .title = This browser is too old for this page
    .text = It does not run WebAssembly with SIMD. Use a newer browser, or allow WebAssembly in the settings of this browser.
error-engine-crashed =
    .title = The engine stopped
    .text = Reload the page. If it happens again, this browser may be too old.
error-engine-hung =
    .title = The engine does not answer
    .text = Reload the page.
error-engine-not-ready =
    .title = The engine is not ready yet
    .text = Wait a moment and try again.
error-engine-closed =
    .title = The engine has been ended
    .text = Reload the page.
error-backend =
    .title = The computation failed
    .text = The engine has been started again; please try once more.
error-webgpu-unavailable =
    .title = WebGPU is not available here
    .text = This browser gives no access to the graphics adapter. The CPU computes instead.
error-no-calibration =
    .title = This model has no calibration
    .text = Without measured error rates no decision can be made. Use weights that were calibrated.
error-fmr-unsupported =
    .title = That rate has not been measured
    .text = This face model supports no decision so strict. Choose a more lenient one.

error-bad-rate =
    .title = That is not a rate
    .text = Choose one of the offered rates.
error-bad-template =
    .title = The face data are damaged
    .text = Enrol this person again.
error-bad-embedding =
    .title = The face data are damaged
    .text = Enrol this person again.
error-other-model =
    .title = Made with another face model
    .text = The stored samples cannot be compared here. Enrol the person again.
error-expired =
    .title = The enrolment has expired
    .text = It is not used any more. Enrol again, or delete it.
error-consent-missing =
    .title = An agreement is needed
    .text = Tick the box if the person whose face it is agrees.
error-name-missing =
    .title = A name is needed
    .text = Type the name of the person to enrol.
error-name-taken =
    .title = That name is taken
    .text = To take new samples of the same person, choose “Enrol again” in the list.
error-person-gone =
    .title = This person is no longer enrolled
    .text = Another tab may have deleted the entry.
error-nobody-enrolled =
    .title = Nobody to compare with
    .text = Enrol a person first.

error-storage-full =
    .title = Storage is full
    .text = The browser has no room left for this page. Nothing was saved.
error-storage-newer =
    .title = A newer version of this page is open in another tab
    .text = Reload this tab to go on.
error-storage-blocked =
    .title = Another tab is using the stored data
    .text = Close the other tabs of this page. If nothing happens then, try again.
error-storage-insecure =
    .title = Nothing can be stored here
    .text = Browsers encrypt and store only for pages served over https or from localhost.
error-storage-failed =
    .title = The gallery could not be changed
    .text = The browser’s storage reported an error. Nothing was saved.
error-storage-unavailable =
    .title = Nothing can be stored here
    .text = The browser gives this page no storage, as some do in private windows.
error-gallery-locked =
    .title = The enrolled people are locked
    .text = Enter the passphrase first.
error-wrong-passphrase =
    .title = That is not the passphrase
    .text = Nothing was changed. Try again.
error-passphrase-short =
    .title = The passphrase is too short
    .text = Use at least 15 characters: four words do.
error-passphrase-simple =
    .title = The passphrase is too easy to guess
    .text = It repeats a few characters. Use four words that do not belong together.
error-photo-forbidden =
    .title = Photos are not allowed here
    .text = The owner of this page’s data has switched them off. Use the camera.
error-passphrase-differs =
    .title = The two passphrases differ
    .text = Type the same one twice.
error-key-damaged =
    .title = The stored key is damaged
    .text = What it encrypted cannot be read any more. Delete everything and enrol again, or import a file.
error-passkey-refused =
    .title = The passkey was not used
    .text = It was cancelled or not accepted. Try again.
error-passkey-unsuitable =
    .title = This passkey cannot encrypt
    .text = It does not support the PRF extension. Use another one, or a passphrase.
error-vault-missing =
    .title = There is no private note
    .text = It may have been deleted in another tab.
error-vault-closed =
    .title = The private note is closed
    .text = Open it first.
error-vault-full =
    .title = That is too large
    .text = A file may have 5 MB, and all files together 20 MB.
error-record-damaged =
    .title = An entry is damaged
    .text = It was changed or cut short in storage, and is not used.
error-record-newer =
    .title = Some entries are of a newer version
    .text = This change would delete them. Reload this page to get the newer version, then try again.
error-file-foreign =
    .title = This is no gallery file
    .text = Choose a file that this page has exported.
error-file-newer =
    .title = This file is of a newer version
    .text = Reload this page to get the newer version, then try again.
error-file-damaged =
    .title = This file is damaged
    .text = It was cut short or changed since its export. Nothing was imported.
error-nothing-to-export =
    .title = There is nothing to export
    .text = Enrol a person first.

# Any other error.
#   $detail (String): technical words, in English
error-unexpected =
    .title = Something went wrong
    .text = Try again, or reload the page. The technical reason: { $detail }
