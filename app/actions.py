"""Everything that a menu or a key can ask for, on one page: the menus and the key sheet are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class ActionSpec:
    """One thing that can be asked for."""

    key: str
    menu: str
    text: str
    shortcuts: tuple[str, ...] = ()
    checkable: bool = False
    separator: bool = False  # a line above it in the menu
    where: str = ""  # whose keys they are: "" the window's; "images" and "labeling" those of some panes
    listed: bool = True  # in a menu
    together: str = ""  # on the key sheet, a row of such actions is one line with these words


ACTIONS = (
    ActionSpec("open_model", "File", "Open a &model…", ("Ctrl+M",)),
    ActionSpec("open_predictions", "File", "Open pre&dictions made elsewhere…", ("Ctrl+Shift+M",)),
    ActionSpec("open_folder", "File", "Open a validation &folder…", ("Ctrl+O",)),
    ActionSpec("open_labels", "File", "Open a &label file (CSV)…", ("Ctrl+L",)),
    ActionSpec("review_dataset", "File", "How the folder was &read, and label names…", ("Ctrl+R",), separator=True),
    ActionSpec("predictions_meaning", "File", "What the prediction num&bers mean…"),
    ActionSpec("new_images", "File", "Score a folder of &new images…", ("Ctrl+N",)),
    ActionSpec("open_project", "File", "Open a &project…", ("Ctrl+Shift+O",), separator=True),
    ActionSpec("save_project_as", "File", "Save the project &as…", ("Ctrl+Shift+S",)),
    ActionSpec("save_state", "File", "&Saved?", ("Ctrl+S",)),
    ActionSpec("locate_images", "File", "The images are else&where…"),
    ActionSpec("import_annotations", "File", "&Import annotations…", ("Ctrl+I",), separator=True),
    ActionSpec("export_annotations", "File", "Export annotations or &predictions…"),
    ActionSpec("export_thresholds", "File", "&Export the thresholds…", ("Ctrl+E",)),
    ActionSpec("start_page", "File", "&Start page"),
    ActionSpec("quit", "File", "&Quit", ("Ctrl+Q",), separator=True),
    ActionSpec("undo", "Edit", "&Undo", ("Ctrl+Z",)),
    ActionSpec("redo", "Edit", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    ActionSpec("tune", "Edit", "&Tune the thresholds…", ("Ctrl+T",), separator=True),
    ActionSpec("calibrate", "Edit", "Cali&brate the scores…"),
    ActionSpec("review_band", "Edit", "Re&view band: accept, reject, look…"),
    ActionSpec("find_label", "Edit", "&Find a label", ("Ctrl+F",), separator=True),
    ActionSpec("next_image", "Images", "&Next image", ("D",)),
    ActionSpec("previous_image", "Images", "&Previous image", ("A",)),
    ActionSpec("first_image", "Images", "&First image", ("Home",)),
    ActionSpec("last_image", "Images", "&Last image", ("End",)),
    ActionSpec("score", "Images", "&Score the rest", ("F5",), separator=True),
    ActionSpec("cancel", "Images", "&Cancel scoring", ("Shift+F5",)),
    *(
        ActionSpec(
            f"say_{place}",
            "Label",
            f"Label {place}: positive",
            (digit,),
            where="labeling",
            listed=False,
            together="The first ten labels: positive; again takes it back",
        )
        for place, digit in enumerate("1234567890", start=1)
    ),
    *(
        ActionSpec(
            f"deny_{place}",
            "Label",
            f"Label {place}: negative",
            (f"Shift+{digit}",),
            where="labeling",
            listed=False,
            together="The first ten labels: negative; again unknown (with one label an image: takes it back)",
        )
        for place, digit in enumerate("1234567890", start=1)
    ),
    ActionSpec("confirm", "Label", "Confirm and go on", ("Space", "Return", "Enter"), where="images", listed=False),
    ActionSpec("next_unannotated", "Label", "Next image that &nobody annotated", ("S",)),
    ActionSpec("next_in_queue", "Label", "Next in the &queue", ("W",)),
    ActionSpec("find_to_annotate", "Label", "&Find a label to annotate", ("Ctrl+K", "/"), separator=True),
    ActionSpec("none_of_them", "Label", "N&one of the labels", ("N",), separator=True),
    ActionSpec("as_predicted", "Label", "As &predicted", ("P",)),
    ActionSpec("clear_labels", "Label", "&Clear what was said", ("X",)),
    ActionSpec("chosen_unknown", "Label", "The chosen label: &unknown", ("U",)),
    ActionSpec("note", "Label", "Write a n&ote", ("E",)),
    ActionSpec("auto_advance", "Label", "&Go on after each label", ("Ctrl+G",), checkable=True, separator=True),
    ActionSpec("filter_images", "View", "Filter the &images", ("Ctrl+Shift+F",)),
    ActionSpec("grid", "View", "To the &gallery", ("G",)),
    ActionSpec("side_by_side", "View", "&Compare two images", ("C",)),
    ActionSpec("layout_tune", "View", "Layout: &tune", ("Ctrl+1",), separator=True),
    ActionSpec("layout_review", "View", "Layout: &review", ("Ctrl+2",)),
    ActionSpec("layout_label", "View", "Layout: &label", ("Ctrl+3",)),
    ActionSpec("overlay", "View", "&Hide or show the scores over the image", ("O",), separator=True),
    ActionSpec("heat_map", "View", "Heat &map of the chosen label", ("H",), checkable=True),
    ActionSpec("edits", "View", "&What changes the score…", ("Ctrl+H",)),
    ActionSpec("fit", "View", "&Fit the image", ("F",), separator=True),
    ActionSpec("toggle_fit", "View", "Fit or &100 %", ("Z",)),
    ActionSpec("actual_size", "View", "100 % (&one to one)", ("Ctrl+0",)),
    ActionSpec("zoom_in", "View", "Zoom &in", ("+", "=")),
    ActionSpec("zoom_out", "View", "Zoom &out", ("-",)),
    ActionSpec("full_screen", "View", "F&ull screen", ("F11",), checkable=True, separator=True),
    ActionSpec("reset_layout", "View", "&Reset the layout"),
    ActionSpec("keys", "Help", "&Keys", ("?", "F1")),
    ActionSpec("edit_keys", "Help", "Change the &keys…"),
    ActionSpec("advice_again", "Help", "Show dismissed &advice again"),
    ActionSpec("about", "Help", "&About Cutline"),
)

# Sections of the key sheet, those used most first; others follow.
BY_USE = ("Label", "Images", "Picture", "View", "Edit", "Labels table", "Plots")

# Keys that widgets answer themselves, for the key sheet.
WIDGET_KEYS = (
    ("Images", "Left or Right", "Previous or next image (in the image and the gallery)"),
    ("Images", "Shift+arrow, Ctrl+A", "Select several images: what is said then goes for all of them (in the gallery)"),
    ("Label", "A label’s letter", "As its digit, also with Shift (right click, Key, gives one)"),
    ("Label", "+ or − or ?", "In the panel’s rows: positive, negative, unknown (there F1 opens this sheet)"),
    ("Label", "Esc", "Out of the note, which is kept, or of the finder"),
    ("Picture", "Wheel", "Zoom at the pointer"),
    ("Picture", "Drag", "Move the picture"),
    ("Picture", "Double click", "Fit or 100 %"),
    ("Picture", "S", "Swap two images side by side (a click takes one in hand)"),
    ("What changes the score", "Drag, or B", "Cover a part of the picture"),
    ("What changes the score", "Arrows, with Shift", "Move the newest box, or change its size"),
    ("What changes the score", "Delete", "Take the newest box away"),
    ("Labels table", "Up or Down", "Previous or next label"),
    ("Labels table", "Left or Right", "To the next score at which a decision changes"),
    ("Labels table", "Shift+Left or Right", "Move the threshold by 0.01"),
    ("Labels table", "Ctrl+Left or Right", "Move the threshold by 0.001"),
    ("Labels table", "F2 or Enter or digits", "Type a threshold"),
    ("Labels table", "Ctrl+wheel", "Move a threshold under the pointer (with Shift: finer)"),
    ("Plots", "Left or Right", "To the next score at which a decision changes"),
    ("Plots", "Drag or click", "Set the threshold"),
    ("Plots", "Shift+click or Enter", "Show the images at that score"),
    ("Plots", "M", "This picture for all labels, or for the chosen one"),
    ("Review band", "Space", "Which end the keys move"),
    ("Review band", "Ctrl+Enter", "Show the images to review"),
)


def make_actions(owner: QWidget) -> dict[str, QAction]:
    """A QAction for each spec, owned by the window."""
    contexts = {False: Qt.ShortcutContext.WidgetWithChildrenShortcut, True: Qt.ShortcutContext.WindowShortcut}
    actions = {}
    for spec in ACTIONS:
        action = QAction(spec.text, owner)
        action.setObjectName(spec.key)
        action.setShortcuts([QKeySequence(text) for text in spec.shortcuts])
        action.setShortcutContext(contexts[not spec.where])
        action.setCheckable(spec.checkable)
        actions[spec.key] = action
    return actions
