/// The event table under relacy: register, retire, get and scan of one id and its neighbours in one bucket.
#include "table_stage.hpp"

namespace signalbox::relacy {

namespace {

constexpr std::uint64_t kX = 2;
constexpr std::uint64_t kY = 4;
constexpr std::uint64_t kZ = 6;
constexpr std::uint64_t kOther = 1;

class TwoRegisters : public TablePlay {
 public:
  TwoRegisters() : TablePlay("events: of two registers of an id one wins, and both name the same event", 3, 1) {}
  void before() override { before_table(3); }
  void thread(unsigned index) override {
    if (index == 2) {
      found_ = get_by_id(kX);
      return;
    }
    handles_[index] = put(index, kX, index, &is_new_[index]);
    KEEPS(handles_[index] != 0, "REG: entries are free");
    KEEPS(get(handles_[index], kX) >= 0, "REG-1: what exists is found");
  }
  void after() override {
    KEEPS(is_new_[0] != is_new_[1], "REG-1: exactly one register wins");
    KEEPS(handles_[0] == handles_[1] && (found_ == 0 || found_ == handles_[0]), "REG-1: an id is one event");
    audit(1);
  }

 private:
  bool is_new_[2];
  std::uint64_t handles_[2];
  std::uint64_t found_;
};

class RetiredAndRegistered : public TablePlay {
 public:
  RetiredAndRegistered() : TablePlay("events: two registers of an id beside its retire: one wins, and a read gives one life whole", 3, 1) {}
  void before() override {
    before_table(3);
    old_ = prepare(kX);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      KEEPS(retire(0, old_), "REG-5: nobody else retires it");
      put(0, kX, 1, &is_new_[0]);
    } else if (index == 1) {
      put(1, kX, 2, &is_new_[1]);
    } else {
      const std::uint64_t handle = get_by_id(kX);
      const int edition = handle != 0 ? get(handle, kX) : -1;
      KEEPS(edition == -1 || (edition == 0) == (handle == old_), "REG-5: a handle is one life's");
    }
  }
  void after() override {
    KEEPS(is_new_[0] != is_new_[1], "REG-1: exactly one register wins");
    KEEPS(get(old_, kX) == -1, "REG-5: after retire a handle is void");
    audit(1);
  }

 private:
  std::uint64_t old_;
  bool is_new_[2];
};

class ReusedEntry : public TablePlay {
 public:
  ReusedEntry() : TablePlay("events: a read by handle, of an id and of a scan is whole or gone while the only entry is reused", 3, 1) {}
  void before() override {
    before_table(1);
    old_ = prepare(kX);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      retire(0, old_);
      bool is_new = false;
      const std::uint64_t handle = put(0, kY, 0, &is_new);
      KEEPS(is_new && handle != old_, "REG-5: the entry is free again, under another handle");
    } else if (index == 1) {
      get(old_, kX);
      std::uint64_t id[layout::kIdWords] = {};
      const std::uint32_t bytes = table_.id_of(old_, id);
      KEEPS(bytes == 0 || (bytes == 8 && id[0] == kX), "REG-5: a handle gives its own id");
      std::uint32_t type = 0;
      std::uint32_t symbol = 0;
      if (table_.may_reserve(old_, &type, &symbol)) {
        KEEPS(type == type_of(kX) && symbol == symbol_of(kX), "REG-5: a handle gives its own symbol");
      }
    } else {
      scan(EventTable::kAllTypes, kX);
      get_by_id(kY);
    }
  }
  void after() override { audit(1); }

 private:
  std::uint64_t old_;
};

class BehindAReusedEntry : public TablePlay {
 public:
  BehindAReusedEntry()
      : TablePlay("events: an id behind an entry that one retires and another reuses stays found, and is not registered again", 3, 1) {}
  void before() override {
    before_table(3);
    kept_ = prepare(kZ);
    between_ = prepare(kY);
    prepare(kX);
  }
  void thread(unsigned index) override {
    bool is_new = false;
    if (index == 0) {
      retire(0, between_);
    } else if (index == 1) {
      is_put_ = put(1, kOther, 0, &is_new) != 0;
    } else {
      KEEPS(get_by_id(kZ) == kept_, "REG-1: an event that nobody retires is found");
      KEEPS(put(2, kZ, 1, &is_new) == kept_ && !is_new, "REG-1: an event that nobody retires is not registered again");
    }
  }
  void after() override { audit(is_put_ ? 3 : 2); }

 private:
  std::uint64_t kept_;
  std::uint64_t between_;
  bool is_put_;
};

/// A table that is full before and after: only a walk that missed what it should have found would say so of an id that exists.
class FullTable : public TablePlay {
 public:
  FullTable() : TablePlay("events: an id that exists is never refused for want of entries, while another takes its neighbour's", 3, 1) {}
  void before() override {
    before_table(3);
    kept_ = prepare(kZ);
    between_ = prepare(kY);
    prepare(kX);
  }
  void thread(unsigned index) override {
    bool is_new = false;
    if (index == 0) {
      retire(0, between_);
      put(0, kOther, 0, &is_new);
    } else {
      KEEPS(put(index, kZ, 1, &is_new) == kept_, "REG-1: an event that nobody retires is found");
    }
  }

 private:
  std::uint64_t kept_;
  std::uint64_t between_;
};

class Neighbours : public TablePlay {
 public:
  Neighbours() : TablePlay("events: neighbours retired at once leave the chain whole, beside a register at its head", 3, 1) {}
  void before() override {
    before_table(4);
    handles_[0] = prepare(kZ);
    handles_[1] = prepare(kY);
    handles_[2] = prepare(kX);
  }
  void thread(unsigned index) override {
    KEEPS(retire(index, handles_[index]), "REG-5: nobody else retires it");
    bool is_new = true;
    if (index == 2) put(index, kX + 8, 0, &is_new);
    KEEPS(is_new, "REG-1: a new id is registered");
  }
  void after() override { audit(1); }

 private:
  std::uint64_t handles_[3];
};

class FoundThenScanned : public TablePlay {
 public:
  FoundThenScanned() : TablePlay("events: what was found, by id or by a register, is in every later scan", 3, 1) {}
  void before() override {
    before_table(2);
  }
  void thread(unsigned index) override {
    bool is_new = false;
    if (index == 0) {
      put(0, kX, 0, &is_new);
    } else if (index == 1) {
      if (get_by_id(kX) != 0) KEEPS(scan(type_of(kX), kX) == 1, "REG-4: a scan has what is live throughout it");
    } else {
      put(2, kX, 1, &is_new);
      KEEPS(scan(EventTable::kAllTypes, kX) == 1, "REG-4: a scan has what is live throughout it");
    }
  }
  void after() override { audit(1); }
};

/// The id that is registered comes to stand in an entry on which the other's walk for that id stands: old state, new id.
class SuccessorInPlace : public TablePlay {
 public:
  SuccessorInPlace() : TablePlay("events: an id that comes to stand in a retired event's entry is not taken for that event", 3, 1) {}
  void before() override {
    before_table(3);
    old_ = prepare(kY);
  }
  void thread(unsigned index) override {
    is_new_[index] = false;
    if (index == 0) retire(0, old_);
    else handles_[index] = put(index, kX, index, &is_new_[index]);
  }
  void after() override {
    KEEPS(is_new_[1] != is_new_[2], "REG-1: exactly one register wins");
    KEEPS(handles_[1] == handles_[2] && handles_[1] != old_, "REG-5: a handle is one event's");
    audit(1);
  }

 private:
  std::uint64_t old_;
  bool is_new_[3];
  std::uint64_t handles_[3];
};

class RetiredBehindAReusedEntry : public TablePlay {
 public:
  RetiredBehindAReusedEntry()
      : TablePlay("events: a retired event leaves its chain although the entry before it goes over to another chain meanwhile", 2, 2) {}
  void before() override {
    before_table(2);
    behind_ = prepare(kY);
    first_ = prepare(kX);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      retire(0, behind_);
      return;
    }
    bool is_new = false;
    retire(1, first_);
    is_put_ = put(1, kOther, 0, &is_new) != 0;
  }
  void after() override { audit(is_put_ ? 1 : 0); }

 private:
  std::uint64_t behind_;
  std::uint64_t first_;
  bool is_put_;
};

/// A handle that came without any ordering: what its state word shows must suffice.
class ToldInPassing : public TablePlay {
 public:
  ToldInPassing() : TablePlay("events: a handle that was told in passing leads to its whole event, or to none yet", 2, 2) {}
  void before() override {
    before_table(1);
    told_ = words() + round_up(table_words(1), kLineWords);
    make(told_, 1);
  }
  void thread(unsigned index) override {
    if (index == 0) {
      bool is_new = false;
      told_->store(put(0, kX, 0, &is_new), std::memory_order_relaxed);
      return;
    }
    is_retired_ = false;
    const std::uint64_t handle = told_->load(std::memory_order_relaxed);
    if (handle == 0) return;
    // One of these: the first that acquires would do it for all.
    const unsigned way = rl::rand(4);
    std::uint64_t id[layout::kIdWords] = {};
    std::uint32_t type = 0;
    std::uint32_t symbol = 0;
    if (way == 0) {
      get(handle, kX);
    } else if (way == 1) {
      KEEPS(table_.id_of(handle, id) == 0 || id[0] == kX, "REG-5: a handle gives its own id");
    } else if (way == 2) {
      const bool may = table_.may_reserve(handle, &type, &symbol);
      KEEPS(!may || (type == type_of(kX) && symbol == symbol_of(kX)), "REG-5: a handle gives its own symbol");
    } else {
      is_retired_ = retire(1, handle);
    }
  }
  void after() override { audit(is_retired_ ? 0 : 1); }

 private:
  Word* told_;
  bool is_retired_;
};

class Transitions : public TablePlay {
 public:
  Transitions() : TablePlay("events: of two transitions that exclude each other one wins, of two retires too, beside a mark", 3, 1) {}
  void before() override {
    before_table(1);
    handle_ = prepare(kX);
  }
  void thread(unsigned index) override {
    std::uint32_t from = 0;
    moved_[index] = index < 2 && table_.transition(handle_, index + 1, &from) == EventTable::Status::kOk;
    if (index == 0) table_.spend(handle_);
    retired_[index] = index > 0 && retire(index, handle_);
  }
  void after() override {
    KEEPS(!(moved_[0] && moved_[1]), "REG-3: one of two transitions wins");
    KEEPS(retired_[1] != retired_[2], "REG-5: one of two retires wins");
    audit(0);
  }

 private:
  std::uint64_t handle_;
  bool moved_[3];
  bool retired_[3];
};

class Observed : public TablePlay {
 public:
  Observed() : TablePlay("events: a register keeps its own handle although another finds, retires and replaces its event at once", 2, 1) {}
  void before() override { before_table(2); }
  void thread(unsigned index) override {
    bool is_new = false;
    if (index == 0) {
      const std::uint64_t mine = put(0, kX, 0, &is_new);
      KEEPS(is_new, "REG-1: nobody else registers it");
      get(mine, kX);
      retired_[0] = retire(0, mine);
    } else {
      const std::uint64_t found = get_by_id(kX);
      retired_[1] = found != 0 && retire(1, found);
      put(1, kOther, 0, &is_new);
    }
  }
  void after() override {
    KEEPS(retired_[0] != retired_[1], "REG-5: one of two retires wins");
    audit(1);
  }

 private:
  bool retired_[2];
};

}  // namespace

std::vector<Play*> event_table_plays() {
  static TwoRegisters two;
  static RetiredAndRegistered beside;
  static ReusedEntry reused;
  static BehindAReusedEntry behind;
  static FullTable full;
  static Neighbours neighbours;
  static SuccessorInPlace successor;
  static RetiredBehindAReusedEntry retired;
  static ToldInPassing told;
  static FoundThenScanned scanned;
  static Transitions transitions;
  static Observed observed;
  return {&successor, &two, &beside, &reused, &behind, &full, &neighbours, &retired, &told, &scanned, &transitions, &observed};
}

}  // namespace signalbox::relacy
