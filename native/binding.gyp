{ "includes": ["signalbox.gypi"] }
