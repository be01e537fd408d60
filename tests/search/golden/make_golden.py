#!/usr/bin/env python3
"""Writes optuna_decisions.json: what Optuna 3.1 (Debian's python3-optuna) decides in random situations.

usage: make_golden.py > optuna_decisions.json

Pruner cases: the study's other trials, the running trial, whether it is pruned and which system attributes it gets.
Split cases: trials and the numbers of those that TPE counts as good. Only rules that are the same in Optuna 5.
Replays: whole studies of learning curves, one trial after the other; at which step each was stopped (null: never).
Signed ranks: one-sided p-values of scipy.
"""
import json, math, random, warnings

import scipy.stats

import optuna
from optuna.samplers._tpe.sampler import _get_observation_pairs, _split_observation_pairs, default_gamma
from optuna.trial import TrialState, create_trial

warnings.simplefilter('ignore')
optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = random.Random(20)

# NaN and infinities as strings: JSON has none.
def number(x):
    return x if math.isfinite(x) else str(x)

def values(steps, nan=0.1):
    return {s: float('nan') if rng.random() < nan else rng.randint(-9, 9) / 2 for s in steps}

# Empty parts are left out; numbers are positions.
def record(t):
    parts = {'state': t.state.name, 'values': [number(v) for v in t.values or []],
             'intermediate': [[s, number(v)] for s, v in sorted(t.intermediate_values.items())],
             'system_attrs': t.system_attrs}
    return {k: v for k, v in parts.items() if v}

def other(rungs=0):
    state = rng.choice([TrialState.COMPLETE] * 6 + [TrialState.PRUNED, TrialState.FAIL])
    reports = values(range(rng.choice([0, 1, 1]), rng.randint(1, 6)))
    attrs = {f'completed_rung_{r}': rng.randint(-9, 9) / 2 for r in range(rng.randint(0, rungs))}
    return create_trial(state=state, value=1.0 if state == TrialState.COMPLETE else None, intermediate_values=reports,
                        system_attrs=attrs)

# `close`: a trial that has reported for long among many others, so that about half are pruned.
def case(kind, options, pruner, rungs=0, name=None, close=False):
    direction = rng.choice(['minimize', 'maximize'])
    study = optuna.create_study(direction=direction, pruner=pruner, study_name=name)
    for _ in range(rng.randint(*((5, 9) if close else (1, 9)))):
        study.add_trial(other(rungs))
    trial = study.ask()
    steps = sorted(rng.sample(range(0, 6), rng.randint(*((3, 5) if close else (0, 4)))))
    worse = rng.choice([2, 4, 6] if close else [0, 4, 6]) * (1 if direction == 'minimize' else -1)
    for step, value in values(steps, nan=rng.choice([0, 0.4])).items():
        trial.report(value + worse, step)
    done = rng.randint(0, 1) if rungs else 0
    for r in range(done):
        trial.storage.set_trial_system_attr(trial._trial_id, f'completed_rung_{r}', 1.0)
    before = record(study.trials[-1])
    known = set(study.trials[-1].system_attrs)
    pruned = trial.should_prune()
    after = study.trials[-1].system_attrs
    named = {'study': name} if name else {}
    return {'pruner': {'type': kind, **options}, **named, 'direction': direction, 'others': [record(t) for t in study.trials[:-1]],
            'trial': before, 'prune': bool(pruned),
            'new_attrs': {k: v for k, v in after.items() if k not in known}}

def percentile_case(close=False):
    o = {'percentile': rng.choice([50, 25, 80]), 'n_startup_trials': rng.choice([0, 1, 3]),
         'n_warmup_steps': rng.choice([0, 0, 2]), 'interval_steps': rng.choice([1, 1, 2, 3]),
         'n_min_trials': rng.choice([1, 1, 3])}
    return case('percentile', o, optuna.pruners.PercentilePruner(**o), close=close)

def asha_case():
    o = {'min_resource': rng.choice([1, 2, 'auto']), 'reduction_factor': rng.choice([2, 3, 4]),
         'min_early_stopping_rate': rng.choice([0, 0, 1]), 'bootstrap_count': rng.choice([0, 0, 2])}
    if o['min_resource'] == 'auto':
        o['bootstrap_count'] = 0
    return case('asha', o, optuna.pruners.SuccessiveHalvingPruner(**o), rungs=3)

def split_case():
    direction = rng.choice(['minimize', 'maximize'])
    study = optuna.create_study(direction=direction)
    for _ in range(rng.randint(1, 45)):
        state = rng.choice([TrialState.COMPLETE, TrialState.PRUNED, TrialState.PRUNED, TrialState.FAIL])
        reports = values(range(rng.randint(0, 3)), nan=0.2)
        if rng.random() < 0.05:
            reports[9] = float('inf')
        value = rng.choice([rng.randint(-9, 9) / 2, float('inf')]) if rng.random() < .3 else rng.random()
        study.add_trial(create_trial(state=state, value=value if state == TrialState.COMPLETE else None,
                                     intermediate_values=reports, params={'x': 0.5},
                                     distributions={'x': optuna.distributions.FloatDistribution(0, 1)}))
    _, scores, _ = _get_observation_pairs(study, ['x'], False, False)
    below, _ = _split_observation_pairs(scores, default_gamma(len(scores)), None)
    finished = [t.number for t in study.trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    return {'direction': direction, 'trials': [record(t) for t in study.trials], 'below': [finished[i] for i in below]}

def hyperband_case():
    o = {'min_resource': rng.choice([1, 1, 2]), 'max_resource': rng.choice([5, 9, 81, 'auto', 'auto']),
         'reduction_factor': rng.choice([2, 3]), 'bootstrap_count': rng.choice([0, 0, 1])}
    if o['max_resource'] == 'auto':
        o['bootstrap_count'] = 0
    return case('hyperband', o, optuna.pruners.HyperbandPruner(**o), rungs=3, name=f'night {rng.randint(0, 99)}')

def threshold_case():
    o = {'lower': rng.choice([-3.0, -1.5, None]), 'upper': rng.choice([0.0, 2.5]), 'n_warmup_steps': rng.choice([0, 2]),
         'interval_steps': rng.choice([1, 2])}
    return case('threshold', {k: v for k, v in o.items() if v is not None}, optuna.pruners.ThresholdPruner(**o))

def patient_case(close=False):
    o = {'patience': rng.choice([0, 0, 1, 2]), 'min_delta': rng.choice([0.0, 0.5, 2.0])}
    wrapped, options = rng.choice([(None, None), (optuna.pruners.MedianPruner(n_startup_trials=0),
                                                  {'type': 'median', 'n_startup_trials': 0})])
    return case('patient', {**o, **({'wrapped': options} if wrapped else {})}, optuna.pruners.PatientPruner(wrapped, **o),
                close=close)

# Optuna 3.1 has no WilcoxonPruner: the rule of 3.6 to 5 on scipy's test. Values without ties, so that scipy is exact.
class WilcoxonRule(optuna.pruners.BasePruner):
    def __init__(self, p_threshold, n_startup_steps):
        self.p_threshold, self.n_startup_steps = p_threshold, n_startup_steps

    def prune(self, study, trial):
        own = trial.intermediate_values
        done = study.get_trials(states=[TrialState.COMPLETE])
        sign = 1 if study.direction == optuna.study.StudyDirection.MINIMIZE else -1
        if not own or not done:
            return False
        best = min(done, key=lambda t: sign * t.value).intermediate_values
        if not best or not all(map(math.isfinite, [*own.values(), *best.values()])):
            return False
        worse_by = [sign * (own[s] - best[s]) for s in own if s in best]
        if not worse_by or len(worse_by) < self.n_startup_steps:
            return False
        mean_is_better = sign * sum(own.values()) / len(own) <= sign * sum(best.values()) / len(best)
        return scipy.stats.wilcoxon(worse_by, alternative='greater').pvalue < self.p_threshold and not mean_is_better

def wilcoxon_case():
    o = {'p_threshold': rng.choice([0.02, 0.1, 0.3]), 'n_startup_steps': rng.choice([0, 2, 4])}
    direction = rng.choice(['minimize', 'maximize'])
    study = optuna.create_study(direction=direction, pruner=WilcoxonRule(**o))
    def scores(steps, shift):
        odd = rng.choice([float('nan'), float('inf')]) if rng.random() < .1 else None
        return {s: odd if odd is not None and s == 2 else round(rng.gauss(shift, 1), 6) for s in steps}
    for _ in range(rng.randint(0, 4) or rng.randint(0, 1)):
        state = rng.choice([TrialState.COMPLETE] * 3 + [TrialState.PRUNED])
        reports = scores(range(rng.choice([0, 0, 2]), rng.choice([0, 8, 12])), 0)
        study.add_trial(create_trial(state=state, value=round(rng.gauss(0, 1), 6), intermediate_values=reports))
    trial = study.ask()
    shift = rng.choice([0, 1, 2]) * (1 if direction == 'minimize' else -1)
    for step, value in scores(range(rng.choice([1, 6, 9, 12])), shift).items():
        trial.report(value, step)
    return {'pruner': {'type': 'wilcoxon', **o}, 'direction': direction, 'others': [record(t) for t in study.trials[:-1]],
            'trial': record(study.trials[-1]), 'prune': bool(trial.should_prune()), 'new_attrs': {}}

# A saturating rise with noise; some fall again, one in ten breaks.
def curve(epochs):
    top, speed, noise, turn = rng.uniform(.1, .8), rng.uniform(.05, .8), rng.choice([.005, .03]), rng.choice([0, 0, .01])
    values = [round(top * (1 - math.exp(-speed * e)) - turn * max(0, e - 8) + rng.gauss(0, noise), 4)
              for e in range(1, epochs + 1)]
    if rng.random() < .1:
        values[rng.randrange(epochs):] = [float('nan')]
    return values

def replay(curves, direction, options, pruner):
    study = optuna.create_study(direction=direction, pruner=pruner, study_name='replay')
    sign = 1 if direction == 'maximize' else -1
    stops = []
    for values in curves:
        trial, stop = study.ask(), None
        for step, value in enumerate(values, 1):
            trial.report(sign * value, step)
            if trial.should_prune():
                stop = step
                break
        stops.append(stop)
        if stop:
            study.tell(trial, state=TrialState.PRUNED)
        elif math.isnan(values[-1]):
            study.tell(trial, state=TrialState.FAIL)
        else:
            study.tell(trial, sign * values[-1])
    return {'pruner': options, 'direction': direction, 'stops': stops}

def replays(curves):
    P = optuna.pruners
    pruners = [('median', {}, P.MedianPruner), ('percentile', {'percentile': 25.0, 'n_warmup_steps': 3}, P.PercentilePruner),
               ('asha', {'min_resource': 1, 'reduction_factor': 3}, P.SuccessiveHalvingPruner),
               ('asha', {'min_resource': 'auto'}, P.SuccessiveHalvingPruner),
               ('hyperband', {'max_resource': 20}, P.HyperbandPruner),
               ('threshold', {'lower': 0.05, 'n_warmup_steps': 4}, P.ThresholdPruner)]
    for kind, options, make in pruners:
        yield replay(curves, 'maximize', {'type': kind, **options}, make(**options))
        if kind != 'threshold':
            yield replay(curves, 'minimize', {'type': kind, **options}, make(**options))
    wrapped = {'type': 'median', 'n_warmup_steps': 2}
    for direction in 'maximize', 'minimize':
        yield replay(curves, direction, {'type': 'patient', 'patience': 2, 'min_delta': 0.01, 'wrapped': wrapped},
                     P.PatientPruner(P.MedianPruner(n_warmup_steps=2), patience=2, min_delta=0.01))
        yield replay(curves, direction, {'type': 'patient', 'patience': 3}, P.PatientPruner(None, patience=3))
    sparse = {'n_warmup_steps': 4, 'interval_steps': 3, 'n_min_trials': 8}
    yield replay(curves, 'maximize', {'type': 'median', **sparse}, P.MedianPruner(**sparse))

# Up to 50 differences scipy is exact only without ties and zeros.
def signed_rank_case(n):
    d = [rng.randint(-9, 9) / 2 if n > 50 else round(rng.gauss(.3, 1), 6) for _ in range(n)]
    with_zero = {'zero_method': 'zsplit'} if n > 50 else {}
    return {'differences': d, 'p': float(scipy.stats.wilcoxon(d, alternative='greater', **with_zero).pvalue)}

def lines(cases):
    return '[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]'

pruners = [percentile_case() for _ in range(100)] + [asha_case() for _ in range(60)]
splits = [split_case() for _ in range(16)]
pruners += ([hyperband_case() for _ in range(60)] + [threshold_case() for _ in range(40)] +
            [patient_case() for _ in range(60)])
curves = [curve(20) for _ in range(60)]
more = [make(close=True) for make in (percentile_case, patient_case) for _ in range(40)]
more += [wilcoxon_case() for _ in range(50)]
print('{"pruners": %s,\n"splits": %s,\n"curves": %s,\n"replays": %s,\n"signed_ranks": %s}' % (
    lines(pruners + more), lines(splits), lines([[number(v) for v in c] for c in curves]), lines(list(replays(curves))),
    lines([signed_rank_case(n) for n in (1, 2, 3, 5, 8, 12, 20, 25, 40, 50, 51, 60, 100)])))
