"""Finds the cycles of a directed graph."""


def find_cycles(edges):
    """The sets of nodes that reach one another (Tarjan's algorithm, no recursion).

    `edges` maps each node to its neighbours, all of them keys too. A node alone
    counts only if it is its own neighbour.
    """
    index, lowest, on_stack = {}, {}, set()
    stack, found = [], []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = lowest[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, neighbours = work[-1]
            for neighbour in neighbours:
                if neighbour not in index:
                    index[neighbour] = lowest[neighbour] = len(index)
                    stack.append(neighbour)
                    on_stack.add(neighbour)
                    work.append((neighbour, iter(edges[neighbour])))
                    break
                if neighbour in on_stack:
                    lowest[node] = min(lowest[node], index[neighbour])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == index[node]:
                    component = set()
                    while node not in component:
                        component.add(stack.pop())
                    on_stack -= component
                    if len(component) > 1 or node in edges[node]:
                        found.append(component)
    return found
