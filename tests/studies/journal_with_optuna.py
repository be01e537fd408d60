"""The outside judge of journal files.

usage: journal_with_optuna.py write FILE            Optuna writes a journal
       journal_with_optuna.py compare FILE FILE     exit code 0 when Optuna reads the same from both
       journal_with_optuna.py --probe               exit code 0 when this Python has an Optuna of the 3.1 series
"""
import sys

try:
    import optuna
except ImportError:
    sys.exit(77)
if sys.argv[1] == "--probe":
    sys.exit(0 if optuna.__version__.startswith("3.1.") else 77)

optuna.logging.set_verbosity(optuna.logging.ERROR)


def storage(file):
    return optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(file))


def write(file):
    study = optuna.create_study(storage=storage(file), study_name="optuna", direction="maximize")
    study.set_user_attr("note", {"a": [1, 2.5, "x"]})

    def objective(trial):
        trial.suggest_float("x", 0, 1)
        trial.suggest_int("n", 1, 64, log=True)
        trial.suggest_categorical("opt", ["sgd", None, True, 3])
        trial.report(float("nan"), 1)
        trial.report(float("inf"), 2)
        trial.set_user_attr("by", "optuna")
        return [0.125, float("nan"), float("inf"), 0.25, 0.5][trial.number]

    study.enqueue_trial({"x": 0.5, "n": 9, "opt": None})
    study.optimize(objective, n_trials=5)
    study.ask()
    study.enqueue_trial({"x": 0.25})


def everything(file):
    studies = []
    for summary in optuna.get_all_study_summaries(storage(file)):
        study = optuna.load_study(study_name=summary.study_name, storage=storage(file))
        trials = [(t.number, t.state, repr(t.values), t.params, t.distributions, repr(t.intermediate_values), t.user_attrs,
                   t.system_attrs, t.datetime_start, t.datetime_complete) for t in study.get_trials()]
        studies.append((study.study_name, study.directions, study.user_attrs, study.system_attrs, trials))
    return studies


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    one, two = everything(sys.argv[2]), everything(sys.argv[3])
    for a, b in zip(one, two):
        for x, y in zip(a[4], b[4]):
            if x != y:
                print("not the same:", x, y, sep="\n")
    sys.exit(0 if one == two else 1)
