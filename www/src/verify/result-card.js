/** Shows the outcome of a comparison: the decision, how rarely a stranger comes as close, and a scale. */

import { message } from '../locale.js';
import { livenessText, chance, oneIn, searchChance, undecided } from '../messages.js';
import { byId, make } from '../ui/dom.js';
import { searchFmr } from './comparison.js';

/** The largest squared distance between two embeddings of length one. */
const FARTHEST = 4;

const TICK = 'M5 12.5l4.5 4.5L19 7.5';
const CROSS = 'M7 7l10 10M17 7L7 17';
const MARK = 'M12 5v9M12 18.5v.5';

const card = byId('result', HTMLElement);

/**
 * @param {import('./comparison.js').Outcome} outcome
 * @param {object} how the comparison was made
 * @param {boolean} how.searching whether the face was compared with everyone
 * @param {import('./verification.js').Liveness} how.liveness
 */
export function showResult({ accepted, decision, person, compared, targetFmr }, { searching, liveness }) {
  card.dataset.verdict = accepted ? 'accepted' : 'refused';
  card.dataset.reason = accepted ? 'match' : 'no-match';
  card.dataset.liveness = liveness;
  card.replaceChildren(
    make(
      'div',
      { class: 'verdict' },
      icon(accepted ? TICK : CROSS),
      make(
        'div',
        {},
        make('p', { class: 'decision', text: accepted ? message('result-accepted') : message('result-refused') }),
        make('h2', { text: headline(accepted, person.name, searching) }),
      ),
    ),
    make('p', { class: 'liveness' }, icon(liveness === 'live' ? TICK : MARK), livenessText(liveness)),
    scale({ ...decision, accepted }),
    make('p', { text: chance(decision, person.name, targetFmr) }),
  );
  if (searching && compared > 1) {
    card.append(make('p', { text: searchChance(compared, searchFmr(decision, compared)) }));
  }
  showCard();
}

/**
 * Shows why nothing was decided.
 * @param {import('./comparison.js').Reason} reason
 * @param {import('../errors.js').PageError} error
 */
export function showUndecided(reason, error) {
  const { title, text } = undecided(reason, error);
  card.dataset.verdict = 'undecided';
  card.dataset.reason = reason;
  delete card.dataset.liveness;
  card.replaceChildren(
    make(
      'div',
      { class: 'verdict' },
      icon(MARK),
      make('div', {}, make('p', { class: 'decision', text: message('result-undecided') }), make('h2', { text: title })),
    ),
    make('p', { text }),
  );
  showCard();
}

function showCard() {
  card.hidden = false;
  card.focus({ preventScroll: true });
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  card.scrollIntoView({ block: 'nearest', behavior: still ? 'auto' : 'smooth' });
}

export function hideResult() {
  card.hidden = true;
  card.replaceChildren();
}

/**
 * @param {boolean} accepted
 * @param {string} name
 * @param {boolean} searching
 */
function headline(accepted, name, searching) {
  if (accepted) return message('result-match', { name });
  return searching ? message('result-nobody') : message('result-other', { name });
}

/** @param {string} shape */
function icon(shape) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', shape);
  svg.append(path);
  return svg;
}

/**
 * Draws the scale from the same picture on the left to strangers on the right, and marks the limit and the match.
 * @param {import('../../package/facekey.js').Decision} decision
 */
function scale({ accepted, score, similarity, threshold, thresholds }) {
  const limits = thresholds.map((it) => it.score);
  // The score of a picture compared with itself, which is its cohort similarity.
  const start = score - 2 * (1 - similarity);
  const length = Math.min(FARTHEST, 1.15 * (Math.max(score, ...limits) - start));
  const at = (/** @type {number} */ value) => `${100 * Math.min(Math.max((value - start) / length, 0), 1)}%`;
  const match = make('span', { class: 'match' });
  match.style.setProperty('--at', at(score));
  const track = make('div', { class: 'track' }, match);
  track.style.setProperty('--limit', at(threshold ?? start));
  const ticks = thresholds.map((limit) => {
    const tick = make('span', { class: 'tick', text: oneIn(limit.maxFmr) });
    tick.style.setProperty('--at', at(limit.score));
    tick.classList.toggle('chosen', limit.score === threshold);
    return tick;
  });
  const figure = make(
    'div',
    { class: 'scale' },
    track,
    make('div', { class: 'ticks' }, ...ticks),
    make('div', { class: 'ends' }, make('span', { text: message('scale-closer') }), make('span', { text: message('scale-further') })),
  );
  figure.setAttribute('role', 'img');
  figure.setAttribute('aria-label', accepted ? message('scale-within') : message('scale-beyond'));
  return figure;
}
