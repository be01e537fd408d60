"""The outside judge: Optuna loads, checks and continues a study that yoake stored.

usage: storage_with_optuna.py URL STUDY              prints what it found as one JSON line, runs five trials
       storage_with_optuna.py URL STUDY --new        makes the study and runs five trials
       storage_with_optuna.py --probe sqlite|postgresql   exit code 0 when this Python has an Optuna of the 3.1
                                                     series and what it needs for that engine
"""
import datetime
import json
import sys

try:
    import optuna
    if "postgresql" in sys.argv[2]:
        import psycopg2
except ImportError:
    sys.exit(77)
if sys.argv[1] == "--probe":
    sys.exit(0 if optuna.__version__.startswith("3.1.") else 77)

optuna.logging.set_verbosity(optuna.logging.WARNING)
if "--new" in sys.argv:
    optuna.create_study(study_name=sys.argv[2], storage=sys.argv[1])
study = optuna.load_study(study_name=sys.argv[2], storage=sys.argv[1],
                          sampler=optuna.samplers.TPESampler(seed=1))


def describe(trial):
    return {
        "number": trial.number,
        "state": trial.state.name,
        "params": trial.params,
        "values": [repr(value) for value in trial.values] if trial.values else [],
        "reports": {str(step): repr(value) for step, value in trial.intermediate_values.items()},
        "user": trial.user_attrs,
        "system": trial.system_attrs,
        "started_today": trial.datetime_start is not None
        and abs((datetime.datetime.now() - trial.datetime_start).total_seconds()) < 600,
    }


found = {
    "direction": study.direction.name,
    "metric_names": study.system_attrs.get("study:metric_names"),
    "user": study.user_attrs,
    "trials": [describe(trial) for trial in study.get_trials()],
}
try:  # Its trials table; needs python3-pandas.
    found["table"] = [list(map(str, study.trials_dataframe().columns)), len(study.trials_dataframe())]
except ImportError:
    found["table"] = None


def objective(trial):
    rate = trial.suggest_float("lr", 1e-5, 0.1, log=True)
    batch = trial.suggest_int("batch", 8, 64, step=8)
    kind = trial.suggest_categorical("kind", ["sgd", "adam", None, True, 3])
    trial.report(rate, 1)
    trial.set_user_attr("by", "optuna")
    return rate + batch + (0 if kind is None else 1)


study.optimize(objective, n_trials=5)
print(json.dumps(found))
