/// Death at any step under the explorer: a participant stops for ever in the middle of an operation, somebody who has
/// confirmed the death frees it, and others go on meanwhile.
#include "stage.hpp"

namespace signalbox::model {

namespace {

constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kOther = 1;

/// Thread 0 may die; what it was told, or was not, is no part of the history.
Play play(const char* title) {
  auto stage = std::make_shared<Stage>();
  Play made{stage, stage->scenario(title)};
  made.scenario.mortal = 1;
  made.scenario.audit = [stage = stage.get()] { stage->audit_table(); };
  return made;
}

void free_first(Stage* stage, std::size_t by) {
  wait_for_end(0);
  note("frees participant 0");
  stage->attachments[by]->free_participant(stage->attachments[0]->participant());
  note("freed participant 0");
}

Play dies_registering() {
  Play made = play("death: a register cut short anywhere leaves its event live or its entry free, beside registers of the id");
  Stage* stage = made.stage.get();
  made.scenario.threads = {
      [=] { stage->register_event(0, kX); },
      [=] {
        const std::uint64_t handle = stage->register_event(1, kX);
        stage->retire(1, kX, handle);
        stage->register_event(1, kOther);
      },
      [=] { free_first(stage, 2); },
  };
  return made;
}

Play dies_retiring() {
  Play made = play("death: a retire cut short anywhere is finished, beside a register that takes its neighbour's place");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  made.scenario.threads = {
      [=] { stage->retire(0, kX, x); },
      [=] {
        stage->retire(1, kY, y);
        stage->register_event(1, kX);
      },
      [=] { free_first(stage, 2); },
  };
  return made;
}

Play freed_twice() {
  Play made = play("death: of two who free the same participant at once one does, and nothing is taken apart twice");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] { stage->retire(0, kX, x); },
      [=] {
        free_first(stage, 1);
        stage->register_event(1, kY);
      },
      [=] { free_first(stage, 2); },
  };
  return made;
}

Play freed_behind_a_newcomer() {
  Play made = play("death: whoever comes late to free a participant does no harm to the newcomer in its place");
  Stage* stage = made.stage.get();
  constexpr std::uint64_t kDeadTag = 1;
  made.scenario.threads = {
      [=] { note("does nothing"); },
      [=] {
        wait_for_end(0);
        stage->attachments[1]->free_participant(0, kDeadTag);
        auto newcomer = std::make_unique<Attachment>();
        const std::uint64_t tag = 9;
        if (Attachment::attach(stage->image.bytes(), stage->image.size(), tag, newcomer.get()) != AttachStatus::kOk) return;
        const std::uint64_t record[kStageRecordWords] = {kX, ~kX};
        std::uint64_t handle = 0;
        newcomer->events().register_event(stage_id(kX), 0, 0, record, newcomer->participant(), &handle);
        std::uint64_t copy[kStageRecordWords];
        EventTable::EventView view{};
        if (newcomer->events().get(handle, copy, &view) != EventTable::Status::kOk) {
          broken("a living participant's event was taken from it");
        }
      },
      [=] {
        wait_for_end(0);
        stage->attachments[2]->free_participant(0, kDeadTag);
      },
  };
  return made;
}

/// Participant 4 died within a retire, just behind (T1); thread 0 frees it and may die at any step of that.
Play dies_freeing() {
  Play made = play("death: a freer that dies while freeing leaves nothing half freed to whoever frees it");
  Stage* stage = made.stage.get();
  constexpr std::uint64_t kVictimTag = 9;
  const auto victim = std::shared_ptr<Attachment>(stage->image.attach(kVictimTag));
  const std::uint64_t handle = stage->prepare(kX);
  stage->initial.erase(kX);
  stage->issued.insert(handle);
  stage->set_state(handle, layout::kPhaseRetired, victim->participant());
  made.scenario.threads = {
      [=] { stage->attachments[0]->free_participant(victim->participant(), kVictimTag); },
      [=] { stage->register_event(1, kX); },
      [=] {
        free_first(stage, 2);
        // It died before it had begun: then the victim is still to be freed, by its own name.
        stage->attachments[2]->free_participant(victim->participant(), kVictimTag);
      },
  };
  made.scenario.audit = [=] {
    stage->audit_table();
    for (const std::uint64_t freed : {victim->participant(), stage->attachments[0]->participant()}) {
      if (stage->attachments[1]->owner_tag_of(freed) != 0) broken("a participant stayed half freed for ever");
    }
  };
  return made;
}

/// Participant 4 died within a register, between (G4) and (G8); another event is in front of it in the chain.
Play linked_behind_another() {
  Play made = play("death: an event that was linked is kept, also when the entry in front of it is reused under whoever looks");
  Stage* stage = made.stage.get();
  constexpr std::uint64_t kVictimTag = 9;
  const auto victim = std::shared_ptr<Attachment>(stage->image.attach(kVictimTag));
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  stage->set_state(x, layout::kPhasePending, victim->participant());
  made.scenario.mortal = 0;
  made.scenario.threads = {
      [=] {
        stage->retire(0, kY, y);
        stage->register_event(0, kOther);
      },
      [=] {
        stage->attachments[1]->free_participant(victim->participant(), kVictimTag);
        if (stage->get_by_id(1, kX) != x) broken("REG-1: an event whose id is taken was taken apart");
      },
  };
  return made;
}

/// Participant 4 died within a retire, just behind (T1).
Play finished_by_one() {
  Play made = play("death: what a dead participant was at is finished by one of two who free it, before its entry is used again");
  Stage* stage = made.stage.get();
  constexpr std::uint64_t kVictimTag = 9;
  const auto victim = std::shared_ptr<Attachment>(stage->image.attach(kVictimTag));
  const std::uint64_t handle = stage->prepare(kX);
  stage->initial.erase(kX);
  stage->set_state(handle, layout::kPhaseRetired, victim->participant());
  made.scenario.mortal = 0;
  const auto free_victim = [=](std::size_t by) {
    return stage->attachments[by]->free_participant(victim->participant(), kVictimTag);
  };
  made.scenario.threads = {
      [=] {
        if (free_victim(0)) stage->register_event(0, kY);
      },
      [=] { free_victim(1); },
  };
  return made;
}

Play hinted_twice() {
  Play made = play("death: a hint that a freer sets once too often gives no entry to two registers");
  Stage* stage = made.stage.get();
  made.scenario.mortal = 0;
  made.scenario.threads = {
      [=] { note("does nothing"); },
      [=] { stage->register_event(1, kX); },
      [=] {
        free_first(stage, 2);
        stage->register_event(2, kY);
      },
  };
  return made;
}

}  // namespace

std::vector<Play> death_plays() {
  return {dies_registering(), dies_retiring(), freed_twice(), freed_behind_a_newcomer(), dies_freeing(), linked_behind_another(),
          finished_by_one(),  hinted_twice()};
}

}  // namespace signalbox::model
