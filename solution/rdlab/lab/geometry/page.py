def write_page(*arguments):
    print("page to come")
