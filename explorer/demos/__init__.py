"""What a tab shows beside films and trainings, computed without a screen."""
