#include "search/samplers/auto.h"

#include <algorithm>

#include "core/json_reader.h"
#include "search/samplers/evidence.h"
#include "search/samplers/gp.h"
#include "search/samplers/tpe.h"

namespace yoake::search {
namespace {

class AutoSampler final : public Sampler {
 public:
  Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                     RandomStream stream) const override {
    const auto n_finished =
        std::count_if(history.trials.begin(), history.trials.end(), [](const TrialRecord& trial) {
          return trial.state == TrialState::kComplete || trial.state == TrialState::kPruned;
        });
    const bool beyond_the_model = n_finished > GpOptions{}.max_trials && trial_number % 2 == 1;
    if (history.directions.size() <= kVolumeObjectives && !beyond_the_model) {
      return gp_->Suggest(space, history, trial_number, stream);
    }
    return Untried(space, history, trial_number, tpe_->Suggest(space, history, trial_number, stream), stream);
  }

 private:
  std::unique_ptr<Sampler> gp_ = MakeGpSampler(GpOptions{});
  std::unique_ptr<Sampler> tpe_ = MakeTpeSampler(TpeOptions{});
};

}  // namespace

std::unique_ptr<Sampler> MakeAutoSampler() { return std::make_unique<AutoSampler>(); }

std::unique_ptr<Sampler> MakeAutoSampler(const JsonReader& reader) {
  reader.Finish();
  return MakeAutoSampler();
}

}  // namespace yoake::search
