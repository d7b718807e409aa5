/// Participants under the explorer: who becomes one, and whom nobody may free.
#include "stage.hpp"

namespace signalbox::model {

namespace {

Play play(const char* title) {
  auto stage = std::make_shared<Stage>();
  return {stage, stage->scenario(title)};
}

Play attached_at_once() {
  Play made = play("participant: of two who attach at once where one more may, one does");
  Stage* stage = made.stage.get();
  auto attached = std::make_shared<unsigned>(0);
  made.scenario.reset = [=] {
    stage->reset();
    *attached = 0;
  };
  const auto attach = [=] {
    Attachment newcomer;
    *attached += Attachment::attach(stage->image.bytes(), stage->image.size(), 9, &newcomer) == AttachStatus::kOk;
  };
  made.scenario.threads = {attach, attach};
  made.scenario.audit = [=] { if (*attached != 1) broken("two are one participant, or nobody is"); };
  return made;
}

Play wrongly_freed() {
  Play made = play("participant: nobody frees itself, nor what is free, no participant, or being freed by another");
  Stage* stage = made.stage.get();
  constexpr std::uint64_t kFreer = 2;
  constexpr std::uint64_t kHalfFreed = 3;
  constexpr std::uint64_t kFree = 4;
  const std::uint64_t owner = std::uint64_t{1} << layout::kParticipantFreeingShift | kFreer << layout::kParticipantFreerShift |
                              stage->attachments[1]->owner_tag_of(kHalfFreed);
  stage->image.set(layout::kHeaderWords + kHalfFreed * layout::kParticipantWords + layout::kParticipantOwner, owner);
  made.scenario.threads = {[=] {
    Attachment& one = *stage->attachments[0];
    const std::uint64_t far = std::uint64_t{1} << 32;
    if (one.free_participant(one.participant(), one.owner_tag_of(one.participant()))) broken("a participant freed itself");
    if (one.free_participant(kFree, 0)) broken("a place that is free was freed");
    if (one.free_participant(kHalfFreed, owner)) broken("a participant was freed by two");
    if (one.free_participant(far, 1)) broken("no participant was freed");
  }};
  return made;
}

}  // namespace

std::vector<Play> participant_plays() { return {attached_at_once(), wrongly_freed()}; }

}  // namespace signalbox::model
