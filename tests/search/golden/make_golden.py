#!/usr/bin/env python3
"""Writes optuna_decisions.json: what Optuna 3.1 (Debian's python3-optuna) decides in random situations.

usage: make_golden.py > optuna_decisions.json

Pruner cases: the study's other trials, the running trial, whether it is pruned and which system attributes it gets.
Split cases: trials and the numbers of those that TPE counts as good. Only rules that are the same in Optuna 5.
"""
import json, math, random, warnings

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

def case(kind, options, pruner, rungs=0):
    direction = rng.choice(['minimize', 'maximize'])
    study = optuna.create_study(direction=direction, pruner=pruner)
    for _ in range(rng.randint(1, 9)):
        study.add_trial(other(rungs))
    trial = study.ask()
    steps = sorted(rng.sample(range(0, 6), rng.randint(0, 4)))
    worse = rng.choice([0, 4, 6]) * (1 if direction == 'minimize' else -1)
    for step, value in values(steps, nan=rng.choice([0, 0.4])).items():
        trial.report(value + worse, step)
    done = rng.randint(0, 1) if rungs else 0
    for r in range(done):
        trial.storage.set_trial_system_attr(trial._trial_id, f'completed_rung_{r}', 1.0)
    before = record(study.trials[-1])
    known = set(study.trials[-1].system_attrs)
    pruned = trial.should_prune()
    after = study.trials[-1].system_attrs
    return {'pruner': {'type': kind, **options}, 'direction': direction, 'others': [record(t) for t in study.trials[:-1]],
            'trial': before, 'prune': bool(pruned),
            'new_attrs': {k: v for k, v in after.items() if k not in known}}

def percentile_case():
    o = {'percentile': rng.choice([50, 25, 80]), 'n_startup_trials': rng.choice([0, 1, 3]),
         'n_warmup_steps': rng.choice([0, 0, 2]), 'interval_steps': rng.choice([1, 1, 2, 3]),
         'n_min_trials': rng.choice([1, 1, 3])}
    return case('percentile', o, optuna.pruners.PercentilePruner(**o))

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

def lines(cases):
    return '[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]'

print('{"pruners": %s,\n"splits": %s}' % (lines([percentile_case() for _ in range(100)] + [asha_case() for _ in range(60)]),
                                          lines([split_case() for _ in range(16)])))
