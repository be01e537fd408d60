#include "search/samplers/cmaes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "search/option_checks.h"
#include "search/samplers/cma_state.h"
#include "search/samplers/tpe.h"
#include "search/unit_interval.h"

namespace yoake::search {
namespace {

const char* const kCmaesGeneration = "cmaes:generation";
const char* const kCandidate = "cmaes:x";

using Entries = std::vector<const SpaceEntry*>;

Entries JointEntries(const SearchSpace& space) {
  Entries joint;
  for (const SpaceEntry& entry : space.entries()) {
    if (entry.when.empty() && AsNumeric(entry.distribution) && !IsSingle(entry.distribution)) {
      joint.push_back(&entry);
    }
  }
  return joint;
}

constexpr double kMostCells = 1000;  // A finer grid is as good as continuous.

// The cells of a grid's values in the unit interval.
CmaDimension DimensionOf(const Distribution& distribution) {
  const NumericRange range = *AsNumeric(distribution);
  CmaDimension dimension;
  const double steps = range.step == 0 ? kMostCells : std::round((range.high - range.low) / range.step);
  if (steps >= kMostCells) return dimension;
  const auto scale = [&](double x) { return range.log ? std::log(x) : x; };
  const double low = scale(range.low - range.step / 2);
  const double high = scale(range.high + range.step / 2);
  for (int i = 0; i < static_cast<int>(steps); ++i) {
    dimension.edges.push_back((scale(range.low + (i + 0.5) * range.step) - low) / (high - low));
  }
  return dimension;
}

// A trial that CMA-ES suggested in the space as it is now.
struct Member {
  int generation;
  std::vector<double> x;
  std::pair<bool, double> key;  // Complete ones first, then the smaller value.
};

std::optional<Member> ReadMember(const TrialRecord& trial, const Entries& joint, Direction direction) {
  const bool complete = trial.state == TrialState::kComplete;
  if ((!complete && trial.state != TrialState::kPruned) || trial.values.size() != 1) return std::nullopt;
  const auto generation = trial.system_attrs.find(kCmaesGeneration);
  const auto candidate = trial.system_attrs.find(kCandidate);
  if (generation == trial.system_attrs.end() || candidate == trial.system_attrs.end()) return std::nullopt;
  if (!generation->second.is_number_integer() || !candidate->second.is_array()) return std::nullopt;
  if (candidate->second.size() != joint.size() || std::isnan(trial.values[0])) return std::nullopt;
  Member member{generation->second.get<int>(), {}, {}};
  for (std::size_t j = 0; j < joint.size(); ++j) {
    const nlohmann::json& x = candidate->second[j];
    const auto param = trial.params.find(joint[j]->name);
    if (!x.is_number() || param == trial.params.end()) return std::nullopt;
    if (param->second.distribution != joint[j]->distribution) return std::nullopt;
    // Another program may have changed the value: then the candidate is not what was evaluated.
    if (FromUnit(joint[j]->distribution, x.get<double>()) != param->second.internal) return std::nullopt;
    member.x.push_back(x.get<double>());
  }
  member.key = {!complete, direction == Direction::kMaximize ? -trial.values[0] : trial.values[0]};
  return member;
}

// The state after all whole generations of the history, and the number of the open one.
std::pair<CmaState, int> Rebuild(CmaState state, const History& history, int skip_number,
                                 const Entries& joint) {
  std::map<int, std::vector<Member>> generations;
  for (const TrialRecord& trial : history.trials) {
    if (trial.number == skip_number) continue;
    if (auto member = ReadMember(trial, joint, history.directions.front())) {
      generations[member->generation].push_back(std::move(*member));
    }
  }
  int open = 0;
  for (;; ++open) {
    const auto found = generations.find(open);
    const auto wanted = static_cast<std::size_t>(state.population());
    if (found == generations.end() || found->second.size() < wanted) break;
    std::vector<Member> members = std::move(found->second);
    members.resize(wanted);  // The first by number: a late one changes nothing.
    std::stable_sort(members.begin(), members.end(),
                     [](const Member& a, const Member& b) { return a.key < b.key; });
    std::vector<std::vector<double>> ranked;
    for (Member& member : members) ranked.push_back(std::move(member.x));
    state.Update(ranked);
  }
  return {std::move(state), open};
}

class CmaesSampler final : public Sampler {
 public:
  explicit CmaesSampler(CmaesOptions options) : options_(options), rest_(MakeTpeSampler(TpeOptions{})) {}

  Suggestion Suggest(const SearchSpace& space, const History& history, int trial_number,
                     RandomStream stream) const override {
    const Entries joint = JointEntries(space);
    if (joint.empty() || history.directions.size() > 1) {
      return rest_->Suggest(space, history, trial_number, stream);
    }
    Suggestion suggestion;
    if (joint.size() < space.entries().size()) {
      suggestion.params = rest_->Suggest(space, history, trial_number, stream).params;
    }
    std::vector<CmaDimension> dimensions;
    for (const SpaceEntry* entry : joint) dimensions.push_back(DimensionOf(entry->distribution));
    const auto [state, generation] = Rebuild(
        CmaState(std::move(dimensions), options_.sigma, options_.population), history, trial_number, joint);
    RandomStream own = stream.Split("cmaes").Split(static_cast<std::uint64_t>(trial_number));
    const std::vector<double> x = state.Sample(&own);
    for (std::size_t j = 0; j < joint.size(); ++j) {
      const Distribution& distribution = joint[j]->distribution;
      suggestion.params[joint[j]->name] = {distribution, FromUnit(distribution, x[j])};
    }
    suggestion.system_attrs[kCmaesGeneration] = generation;
    suggestion.system_attrs[kCandidate] = x;
    return suggestion;
  }

 private:
  CmaesOptions options_;
  std::unique_ptr<Sampler> rest_;
};

}  // namespace

void CmaesOptions::Validate() const {
  RequireAbove("sigma", sigma, 0);
  if (population) RequireAtLeast("population", *population, 2);
}

std::unique_ptr<Sampler> MakeCmaesSampler(CmaesOptions options) {
  options.Validate();
  return std::make_unique<CmaesSampler>(options);
}

std::unique_ptr<Sampler> MakeCmaesSampler(const JsonReader& reader) {
  CmaesOptions options;
  reader.Read("sigma", &options.sigma);
  reader.Read("population", &options.population);
  reader.Finish();
  return Checked(reader, [&] { return MakeCmaesSampler(options); });
}

}  // namespace yoake::search
