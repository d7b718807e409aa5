/// The event table under the explorer: register, retire, get and scan of one id and its neighbours in one bucket.
#include "stage.hpp"

namespace signalbox::model {

namespace {

constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kZ = 6;
constexpr std::uint64_t kOther = 1;

Play play(const char* title) {
  auto stage = std::make_shared<Stage>();
  return {stage, stage->scenario(title)};
}

Play two_registers_and_a_retire() {
  Play made = play("events: two registers of an id beside its retire and a read");
  Stage* stage = made.stage.get();
  const std::uint64_t old = stage->prepare(kX);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kX, old);
        stage->register_event(0, kX);
      },
      [=] { stage->register_event(1, kX); },
      [=] { stage->get_by_id(2, kX); },
  };
  return made;
}

Play neighbours_come_and_go() {
  Play made = play("events: an id between two neighbours stays found while they are retired and their entries reused");
  Stage* stage = made.stage.get();
  const std::uint64_t behind = stage->prepare(kZ);
  stage->prepare(kX);
  const std::uint64_t before = stage->prepare(kY);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kY, before);
        stage->register_event(0, kOther);
      },
      [=] {
        stage->retire(1, kZ, behind);
        stage->register_event(1, kY);
      },
      [=] {
        if (stage->get_by_id(2, kX) == 0) broken("REG-1: an event that nobody retires was not found");
        bool took = false;
        stage->register_event(2, kX, 0, &took);
        if (took) broken("REG-1: an event that nobody retires was registered again");
      },
  };
  return made;
}

Play register_behind_a_walk() {
  Play made = play("events: an entry that is reused under a walk neither hides an id nor doubles it");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  const std::uint64_t y = stage->prepare(kY);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kY, y);
        stage->retire(0, kX, x);
        stage->register_event(0, kOther);
        stage->register_event(0, kX);
      },
      [=] {
        stage->register_event(1, kX);
        stage->get_by_id(1, kX);
      },
  };
  return made;
}

Play reuse_by_a_third() {
  Play made = play("events: a walk that stands on an entry while one retires it and another reuses it still finds what lies behind");
  Stage* stage = made.stage.get();
  stage->prepare(kX);
  const std::uint64_t between = stage->prepare(kY);
  // At the head of the chain, so that the retire of the one behind it leaves the bucket's word alone until it raises the tag.
  stage->prepare(kZ);
  made.scenario.threads = {
      [=] { stage->retire(0, kY, between); },
      [=] { stage->register_event(1, kOther); },
      [=] {
        if (stage->get_by_id(2, kX) == 0) broken("REG-1: an event that nobody retires was not found");
      },
  };
  return made;
}

Play retire_across_a_reuse() {
  Play made = play("events: a retire whose walk stands on an entry while it is retired and reused still unlinks its own");
  Stage* stage = made.stage.get();
  const std::uint64_t behind = stage->prepare(kZ);
  const std::uint64_t between = stage->prepare(kY);
  stage->prepare(kX);
  made.scenario.threads = {
      [=] { stage->retire(0, kZ, behind); },
      [=] {
        stage->retire(1, kY, between);
        stage->register_event(1, kOther);
      },
  };
  return made;
}

/// The third's retire leaves the first with the mark that it has seen; then the entry before that one is retired, and both entries are
/// in the chain again, with other events.
Play overtaken_unlink() {
  Play made = play("events: an unlink that was overtaken while it stood cuts no other event out of the chain");
  Stage* stage = made.stage.get();
  const std::uint64_t last = stage->prepare(kZ);
  const std::uint64_t between = stage->prepare(kY);
  const std::uint64_t before = stage->prepare(kX);
  made.scenario.threads = {
      [=] { stage->retire(0, kZ, last); },
      [=] {
        wait_for_end(2);
        stage->retire(1, kX, before);
        stage->register_event(1, kX + 8);
        stage->register_event(1, kY + 8);
      },
      [=] { stage->retire(2, kY, between); },
  };
  return made;
}

Play found_before_it_is_linked() {
  Play made = play("events: an entry that is met before it is linked is not made live by whoever meets it");
  Stage* stage = made.stage.get();
  const std::uint64_t y = stage->prepare(kY);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kY, y);
        stage->register_event(0, kX);
      },
      [=] {
        stage->get_by_id(1, kX);
        if (stage->scan(1, 0).count(kX) > 1) broken("REG-4: a scan gave an event whose register did not succeed");
      },
      [=] { stage->register_event(2, kX); },
  };
  return made;
}

Play adjacent_retires() {
  Play made = play("events: neighbours retired at once leave the chain whole, beside a register at its head");
  Stage* stage = made.stage.get();
  const std::uint64_t z = stage->prepare(kZ);
  const std::uint64_t y = stage->prepare(kY);
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] { stage->retire(0, kY, y); },
      [=] { stage->retire(1, kX, x); },
      [=] {
        stage->retire(2, kZ, z);
        stage->register_event(2, kX + 8);
      },
  };
  return made;
}

Play observed_register() {
  Play made = play("events: a register keeps its own handle although others find, retire and replace its event at once");
  Stage* stage = made.stage.get();
  made.scenario.threads = {
      [=] {
        const std::uint64_t handle = stage->register_event(0, kX);
        stage->get(0, kX, handle);
        stage->retire(0, kX, handle);
      },
      [=] {
        const std::uint64_t handle = stage->get_by_id(1, kX);
        if (handle != 0) stage->retire(1, kX, handle);
        stage->register_event(1, kOther);
      },
  };
  return made;
}

Play observed_then_scanned() {
  Play made = play("events: what was found by its id is in the next scan");
  Stage* stage = made.stage.get();
  made.scenario.threads = {
      [=] { stage->register_event(0, kX); },
      [=] {
        if (stage->get_by_id(1, kX) != 0 && stage->scan(1, 0).count(kX) != 1) {
          broken("REG-4: a scan left out an event that was live before it began");
        }
      },
      [=] {
        bool took = false;
        stage->register_event(2, kX, 0, &took);
        if (stage->scan(2, 0).count(kX) != 1) broken("REG-4: a scan left out an event that exists");
      },
  };
  return made;
}

Play phantom() {
  Play made = play("events: a scan never gives an event whose register did not succeed");
  Stage* stage = made.stage.get();
  const std::uint64_t z = stage->prepare(kZ);
  made.scenario.threads = {
      [=] { stage->register_event(0, kX); },
      [=] {
        const std::uint64_t handle = stage->get_by_id(1, kX);
        if (handle != 0) stage->retire(1, kX, handle);
        stage->retire(1, kZ, z);
        stage->register_event(1, kY);
      },
      [=] {
        stage->register_event(2, kY);
        for (const auto& [number, handle] : stage->scan(2, 0)) {
          if (number == kY && stage->get_by_id(2, kY) != handle) {
            broken("REG-4: a scan gave a second event of a live id");
          }
        }
      },
  };
  return made;
}

Play a_changed_type() {
  Play made = play("events: a scan of all types never gives an entry twice, so never more rows than there are entries");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX, 0);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kX, x);
        stage->register_event(0, kY, 1);
      },
      [=] {
        if (stage->scan(1, EventTable::kAllTypes).size() > 1) broken("a scan gave more rows than there are entries in use");
      },
  };
  return made;
}

Play scans_beside_neighbours() {
  Play made = play("events: scans of one type and of all give what nobody touches while its neighbours come and go");
  Stage* stage = made.stage.get();
  stage->prepare(kX, 0);
  const std::uint64_t y = stage->prepare(kY, 1);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kY, y);
        stage->register_event(0, kOther, 0);
        stage->scan(0, 0);
      },
      [=] {
        stage->scan(1, EventTable::kAllTypes);
        stage->scan(1, 0);
        stage->scan(1, 1);
      },
  };
  return made;
}

Play scanned_states() {
  Play made = play("events: a scan gives an event in a state that it had within the scan");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] {
        stage->transition(0, x, 1);
        stage->transition(0, x, 2);
      },
      [=] {
        stage->scan(1, 0);
        stage->transition(1, x, 3);
        stage->scan(1, 0);
      },
      [=] {
        stage->retire(2, kX, x);
        stage->scan(2, 0);
      },
  };
  return made;
}

Play torn_records() {
  Play made = play("events: a read by handle is whole or gone while the entry is reused");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  made.scenario.threads = {
      [=] {
        stage->retire(0, kX, x);
        stage->register_event(0, kY);
      },
      [=] { stage->get(1, kX, x); },
      [=] { stage->scan(2, 0); },
  };
  return made;
}

Play transitions() {
  Play made = play("events: of two transitions that exclude each other one wins, beside a retire");
  Stage* stage = made.stage.get();
  const std::uint64_t x = stage->prepare(kX);
  auto wins = std::make_shared<unsigned>(0);
  made.scenario.reset = [stage, wins] {
    stage->reset();
    *wins = 0;
  };
  const auto finish = [stage, wins, x](std::size_t thread, std::uint32_t to) {
    *wins += stage->transition(thread, x, to) == EventTable::Status::kOk;
  };
  made.scenario.threads = {[=] { finish(0, 3); }, [=] { finish(1, 4); }, [=] { stage->retire(2, kX, x); }};
  made.scenario.audit = [stage, wins] {
    if (*wins > 1) broken("REG-3: two final transitions took effect");
    stage->audit_calls();
    stage->audit_scans();
    stage->audit_table();
  };
  return made;
}

}  // namespace

std::vector<Play> event_table_plays() {
  return {two_registers_and_a_retire(), neighbours_come_and_go(),     register_behind_a_walk(), reuse_by_a_third(),
          retire_across_a_reuse(),      overtaken_unlink(),           adjacent_retires(),       observed_register(),
          observed_then_scanned(),      found_before_it_is_linked(),  phantom(),                a_changed_type(),
          scans_beside_neighbours(),    scanned_states(),             torn_records(),           transitions()};
}

}  // namespace signalbox::model
