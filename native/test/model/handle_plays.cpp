/// Handles and ids of the event table under the explorer: what is asked by an old handle, by one that is none, of an event that
/// changes meanwhile, and of ids that are almost one another.
#include "stage.hpp"

namespace signalbox::model {

namespace {

using Status = EventTable::Status;

constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kOther = 1;

Play play(const char* title) {
  auto stage = std::make_shared<Stage>();
  return {stage, stage->scenario(title)};
}

/// By handle: gone, or this event's.
void ask(Stage* stage, std::size_t thread, std::uint64_t number, std::uint64_t handle) {
  EventTable& events = stage->events(thread);
  stage->get(thread, number, handle);
  std::uint32_t type = 0;
  std::uint32_t symbol = 0;
  if (events.may_reserve(handle, &type, &symbol) && symbol != symbol_of(number)) {
    broken("RES-3: an event may be reserved under another's symbol");
  }
  std::uint64_t words[layout::kIdWords] = {};
  if (events.id_of(handle, words) != 0 && words[0] != number) broken("REG-5: a handle leads to another event's id");
}

/// Nothing that is asked by `handle` is answered, or does anything.
void expect_gone(Stage* stage, std::size_t thread, std::uint64_t handle) {
  EventTable& events = stage->events(thread);
  std::uint64_t record[kStageRecordWords] = {};
  std::uint64_t words[layout::kIdWords] = {};
  EventTable::EventView view{};
  std::uint32_t out[2] = {};
  if (events.get(handle, record, &view) != Status::kGone) broken("REG-5: a void handle is read");
  if (events.id_of(handle, words) != 0) broken("REG-5: a void handle has an id");
  if (events.may_reserve(handle, &out[0], &out[1])) broken("REG-5: a void handle may be reserved");
  if (events.transition(handle, 1, &out[0]) != Status::kGone) broken("REG-5: a transition by a void handle");
  if (events.spend(handle) != Status::kGone) broken("REG-5: a void handle is spent");
  if (events.retire(handle, stage->attachments[thread]->participant()) != Status::kGone) {
    broken("REG-5: a retire by a void handle");
  }
}

Play an_entry_used_again() {
  Play made = play("handle: that of a retired event leads to nothing, nor to the event that takes its entry");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kX, x);
        expect_gone(stage, 0, x);
        const std::uint64_t y = stage->register_event(0, kY);
        if (index_of_handle(y) != index_of_handle(x)) std::abort();
        expect_gone(stage, 0, x);
        if (!stage->get(0, kY, y)) broken("REG-5: an old handle moved the event that took its entry");
      },
      [=] { ask(stage, 1, kX, x); },
  };
  return made;
}

Play no_entry() {
  Play made = play("handle: one that is no entry's leads nowhere");
  Stage* stage = made.stage.get();
  made.scenario.threads = {[=] { expect_gone(stage, 0, (std::uint64_t{1} << kHandleIndexBits) - 1); }};
  return made;
}

Play changes_at_once() {
  Play made = play("handle: a spent mark and a transition of one event hold both, and whoever finds the event takes nothing back");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] { stage->events(0).spend(x); },
      [=] {
        std::uint32_t before = 0;
        if (stage->events(1).transition(x, 3, &before) != Status::kOk) broken("REG-3: a legal transition was refused");
        std::uint32_t type = 0;
        std::uint32_t symbol = 0;
        if (stage->events(1).may_reserve(x, &type, &symbol)) broken("RES: an event that is not actionable may be reserved");
        if (stage->events(1).transition(x, 4, &before) != Status::kIllegal) broken("REG-3: a final state was left");
      },
      [=] { stage->get_by_id(2, kX); },
  };
  made.scenario.audit = [=] {
    std::uint64_t record[kStageRecordWords] = {};
    EventTable::EventView view{};
    if (stage->events(0).get(x, record, &view) != Status::kOk || view.lifecycle != 3 || !view.spent) {
      broken("REG-3: a transition or a spent mark was lost");
    }
    stage->audit_table();
  };
  return made;
}

Play retired_at_once() {
  Play made = play("handle: an event that two retire, while a third marks it spent, is gone once");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kX, x);
        stage->register_event(0, kOther);
      },
      [=] { stage->retire(1, kX, x); },
      [=] { stage->events(2).spend(x); },
  };
  return made;
}

Play found_while_retired() {
  Play made = play("handle: an event that is registered, found and retired at once is never found after it is gone");
  Stage* stage = made.stage.get();
  made.scenario.threads = {
      [=] { stage->register_event(0, kX); },
      [=] {
        bool took = false;
        const std::uint64_t handle = stage->register_event(1, kX, 0, &took);
        if (!stage->get(1, kX, handle)) broken("REG-1: a register told of an event that is not live");
        stage->retire(1, kX, handle);
        if (stage->get(1, kX, handle)) broken("REG-5: a retired event came back to life");
      },
      [=] { stage->get_by_id(2, kX); },
  };
  return made;
}

/// Two ids of one word and one hash, of which one is longer by a byte of zero.
Play almost_one_id() {
  Play made = play("id: one that begins with another is another");
  Stage* stage = made.stage.get();
  made.scenario.threads = {[=] {
    for (const std::uint32_t bytes : {1u, 2u}) {
      const EventId id{{kX}, bytes, 0};
      const std::uint64_t record[kStageRecordWords] = {};
      std::uint64_t handle = 0;
      if (stage->events(0).register_event(id, 0, 0, record, 0, &handle) != Status::kOk) broken("REG-1: two ids are taken for one");
    }
  }};
  made.scenario.audit = [] {};
  return made;
}

Play full_table() {
  Play made = play("id: a table that is full knows the ids that it has, whatever its entries are used for meanwhile");
  Stage* stage = made.stage.get();
  stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  // All others are taken, by nobody who does anything.
  stage->image.set(stage->image.events_at(), 0);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kY, y);
        stage->register_event(0, kOther);
      },
      [=] {
        std::uint64_t handle = 0;
        const std::uint64_t record[kStageRecordWords] = {};
        const Status status = stage->events(1).register_event(stage_id(kX), 0, 0, record, 1, &handle);
        if (status != Status::kExists) broken("REG-1: a register did not find an event that nobody retires");
      },
  };
  made.scenario.audit = [=] { stage->audit_calls(); };
  return made;
}

Play a_type_changed() {
  Play made = play("events: a scan of one type gives no event of another");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX, 0);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kX, x);
        stage->register_event(0, kY, 1);
      },
      [=] { stage->scan(1, 0); },
  };
  return made;
}

}  // namespace

std::vector<Play> handle_plays() {
  return {an_entry_used_again(), no_entry(),      changes_at_once(), retired_at_once(),
          found_while_retired(), almost_one_id(), full_table(),      a_type_changed()};
}

}  // namespace signalbox::model
